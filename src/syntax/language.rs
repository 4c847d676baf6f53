//! Which language a file is in, and what that means to the parser.

use std::path::Path;

use memchr::memmem;
use swc_ecma_parser::{EsSyntax, FlowSyntax, Syntax, TsSyntax};

/// A language leaklint reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// `.js .cjs .mjs .jsx` and files without a known extension; Flow and stray types are tolerated.
    Js,
    /// `.ts .mts .cts`: TypeScript, where `<T>x` is a cast.
    Ts,
    /// `.d.ts .d.mts .d.cts`: declarations only.
    Dts,
    /// `.tsx`: TypeScript, where `<T>` opens an element.
    Tsx,
    /// A Vue single-file component.
    Vue,
    /// A Svelte component.
    Svelte,
    /// An Astro component.
    Astro,
    /// A page with inline scripts.
    Html,
}

impl Language {
    /// Extensions leaklint looks at when it walks a directory, without the dot, lower case.
    pub const EXTENSIONS: [&'static str; 13] = [
        "js", "cjs", "mjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro", "html", "htm",
    ];

    /// The language of a path, told by its extension in whatever case; `None` when it is no source file.
    pub fn of(path: &Path) -> Option<Language> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let (stem, extension) = name.rsplit_once('.')?;
        Some(match extension {
            "js" | "cjs" | "mjs" | "jsx" => Language::Js,
            "ts" | "mts" | "cts" if stem.ends_with(".d") => Language::Dts,
            "ts" | "mts" | "cts" => Language::Ts,
            "tsx" => Language::Tsx,
            "vue" => Language::Vue,
            "svelte" => Language::Svelte,
            "astro" => Language::Astro,
            "html" | "htm" => Language::Html,
            _ => return None,
        })
    }

    /// Whether the file is one script, not markup around scripts.
    pub const fn is_plain(self) -> bool {
        matches!(self, Language::Js | Language::Ts | Language::Dts | Language::Tsx)
    }

    /// Whether `<name>` opens an element, as the guard wants to know.
    pub(super) const fn has_jsx(self) -> bool {
        !matches!(self, Language::Ts | Language::Dts)
    }

    /// The grammars to try, in order. The first decides which error is told when none accepts the text.
    pub(super) fn grammars(self, text: &str) -> Vec<Syntax> {
        match self {
            Language::Ts => vec![typescript(false, false)],
            Language::Dts => vec![typescript(false, true)],
            Language::Tsx => vec![typescript(true, false)],
            Language::Astro => vec![typescript(false, false), typescript(true, false)],
            // Plain JavaScript, then what build tools put into `.js` files all the same.
            _ if has_flow_pragma(text) => vec![ecmascript(), flow(), typescript(true, false)],
            _ => vec![ecmascript(), typescript(true, false), flow()],
        }
    }
}

/// One configuration reads every dialect of JavaScript: what it accepts in excess does no harm to a linter.
fn ecmascript() -> Syntax {
    Syntax::Es(EsSyntax {
        jsx: true,
        fn_bind: true,
        decorators: true,
        decorators_before_export: true,
        export_default_from: true,
        import_attributes: true,
        allow_super_outside_method: true,
        allow_return_outside_function: true,
        auto_accessors: true,
        explicit_resource_management: true,
    })
}

fn typescript(tsx: bool, dts: bool) -> Syntax {
    Syntax::Typescript(TsSyntax {
        tsx,
        dts,
        decorators: true,
        ..TsSyntax::default()
    })
}

fn flow() -> Syntax {
    Syntax::Flow(FlowSyntax {
        jsx: true,
        all: true,
        enums: true,
        decorators: true,
        components: true,
        pattern_matching: true,
        ..FlowSyntax::default()
    })
}

/// Whether `@flow` stands near the top, where Flow itself looks for it (`@noflow` files hold the same syntax).
fn has_flow_pragma(text: &str) -> bool {
    const HEAD: usize = 4096;
    let head = &text.as_bytes()[..text.len().min(HEAD)];
    ["@flow", "@noflow"]
        .iter()
        .any(|word| memmem::find(head, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_name_languages() {
        let of = |name: &str| Language::of(Path::new(name));
        assert_eq!(of("a/b.mjs"), Some(Language::Js));
        assert_eq!(of("B.JSX"), Some(Language::Js));
        assert_eq!(of("a.d.ts"), Some(Language::Dts));
        assert_eq!(of("d.ts"), Some(Language::Ts));
        assert_eq!(of("a.tsx"), Some(Language::Tsx));
        assert_eq!(of("a.vue"), Some(Language::Vue));
        assert_eq!(of("a.json"), None);
        assert_eq!(of("Makefile"), None);
        for extension in Language::EXTENSIONS {
            assert!(of(&format!("x.{extension}")).is_some(), "{extension}");
        }
    }
}
