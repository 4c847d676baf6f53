//! The little language of rows: `EventEmitter#on(key, handler)`, `http:createServer(handler)`,
//! `new MutationObserver(handler)`, `process.on('exit', handler)`, `clearInterval(handle)`, `#close()`, `handle()`.

/// What a pattern's callee is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A method of a type: `Type#method`.
    Method(String),
    /// A method of any receiver (`#method`); in a release: of the handle.
    AnyMethod,
    /// An export of a module, or a path below it: `module:path`.
    Module(String),
    /// A global, or a path below one.
    Global,
    /// The handle itself is called: `handle()`.
    Handle,
}

/// One parameter of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// What it is registered on, where that is not the receiver: `Events.on(target, key, handler)`.
    Target,
    /// The event, topic or map key.
    Key,
    /// The function (or object) that is registered.
    Handler,
    /// This and all further arguments are functions that are registered.
    Handlers,
    /// A function whose result is its cleanup.
    Setup,
    /// A function that runs at the end.
    Teardown,
    /// A function that gives back the function that is run.
    Maker,
    /// The options.
    Options,
    /// After how many milliseconds it ends by itself.
    Delay,
    /// After how many runs it ends by itself; 0, or nothing: it does not.
    Count,
    /// What the acquisition gave.
    Handle,
    /// A function that is given an error or else, as its second argument, what is acquired.
    Callback,
    /// A constant string that must stand here.
    Literal(String),
    /// An object; its members of these names (`handler`, `resolvers.*.*`, `on.**`) are functions that are registered.
    Members(Vec<String>),
    /// Anything.
    Any,
}

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallPattern {
    /// Written with `new`.
    pub is_new: bool,
    /// What is called.
    pub base: Base,
    /// The dotted path after the base, without `Type#` or `module:`; empty for [`Base::Handle`].
    pub path: String,
    /// The arguments.
    pub params: Vec<Param>,
}

impl CallPattern {
    /// The last name of the callee.
    pub fn last(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// Whether it names an export of a module: a module `*/generated/client` is any whose name ends so.
    pub fn is_of_module(&self, path: &str) -> bool {
        let (Base::Module(module), Some((name, rest))) = (&self.base, path.split_once(':')) else {
            return false;
        };
        let is_module = match module.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => name == module,
        };
        is_module && rest == self.path
    }

    /// Whether what it is registered on is its first argument: `Events.on(target, key, handler)`.
    pub fn takes_target(&self) -> bool {
        self.params.first() == Some(&Param::Target)
    }

    /// Where a parameter of this kind stands.
    pub fn position(&self, param: &Param) -> Option<usize> {
        self.params.iter().position(|p| p == param)
    }

    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (is_new, rest) = match text.strip_prefix("new ") {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        let (callee, params) = match rest.split_once('(') {
            Some((callee, params)) => {
                let params = params
                    .strip_suffix(')')
                    .ok_or_else(|| format!("`{text}` lacks its closing bracket"))?;
                (callee, parse_params(params)?)
            }
            None => (rest, Vec::new()),
        };
        if callee == "handle" {
            return Ok(Self {
                is_new,
                base: Base::Handle,
                path: String::new(),
                params,
            });
        }
        let (base, path) = if let Some((ty, method)) = callee.split_once('#') {
            (
                if ty.is_empty() {
                    Base::AnyMethod
                } else {
                    Base::Method(ty.to_owned())
                },
                method,
            )
        } else if let Some((module, path)) = callee.split_once(':') {
            (Base::Module(module.to_owned()), path)
        } else {
            (Base::Global, callee)
        };
        if path.is_empty() {
            return Err(format!("`{text}` names nothing to call"));
        }
        Ok(Self {
            is_new,
            base,
            path: path.to_owned(),
            params,
        })
    }
}

fn parse_params(text: &str) -> Result<Vec<Param>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(|p| {
            Ok(match p {
                "target" => Param::Target,
                "key" => Param::Key,
                "handler" => Param::Handler,
                "handlers" => Param::Handlers,
                "setup" => Param::Setup,
                "teardown" => Param::Teardown,
                "maker" => Param::Maker,
                "options" => Param::Options,
                "delay" => Param::Delay,
                "count" => Param::Count,
                "handle" => Param::Handle,
                "callback" => Param::Callback,
                "_" => Param::Any,
                _ => match p.strip_prefix('\'').and_then(|p| p.strip_suffix('\'')) {
                    Some(literal) => Param::Literal(literal.to_owned()),
                    None => match p.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                        Some(members) => Param::Members(members.split('|').map(|m| m.trim().to_owned()).collect()),
                        None => return Err(format!("`{p}` is no kind of parameter")),
                    },
                },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        let p = CallPattern::parse("EventEmitter#on('close', handler)").unwrap();
        assert_eq!(p.base, Base::Method("EventEmitter".into()));
        assert_eq!(p.params, [Param::Literal("close".into()), Param::Handler]);
        let p = CallPattern::parse("new MutationObserver(handler)").unwrap();
        assert!(p.is_new && p.base == Base::Global && p.last() == "MutationObserver");
        let p = CallPattern::parse("@scope/pkg:a.b(_, handler)").unwrap();
        assert_eq!((p.base, p.path.as_str()), (Base::Module("@scope/pkg".into()), "a.b"));
        assert_eq!(CallPattern::parse("#close()").unwrap().base, Base::AnyMethod);
        assert_eq!(CallPattern::parse("handle()").unwrap().base, Base::Handle);
        let p = CallPattern::parse("Server#route({handler|config.handler})").unwrap();
        assert_eq!(
            p.params,
            [Param::Members(vec!["handler".into(), "config.handler".into()])]
        );
        assert!(CallPattern::parse("f(what)").is_err());
        assert!(CallPattern::parse("f(key").is_err());
    }
}
