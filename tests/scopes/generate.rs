//! Programs that are nothing but scopes: few names, declared in every way, used everywhere.

const NAMES: &[&str] = &["a", "b", "c", "d", "e", "f"];
const MAX_DEPTH: usize = 7;

/// A program of about this many statements, the same for the same seed.
pub(crate) fn program(seed: u64, statements: usize) -> String {
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        left: statements,
        out: String::new(),
        lexical: vec![Vec::new()],
        functions: 0,
        depth: 0,
    };
    if generator.below(3) == 0 {
        generator.out.push_str("'use strict';\n");
    }
    while generator.left > 0 {
        generator.statement();
    }
    generator.out
}

struct Generator {
    state: u64,
    /// Statements that may still be written.
    left: usize,
    out: String,
    /// What each open scope has declared, so that no name is declared twice where that is no program.
    lexical: Vec<Vec<&'static str>>,
    /// Declared functions so far.
    functions: usize,
    depth: usize,
}

impl Generator {
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.below(NAMES.len())]
    }

    /// A name that no scope around has, for declarations that clash: a scope has few names, and `var` clashes across
    /// blocks, so the second of two is given a number.
    fn fresh(&mut self) -> Option<&'static str> {
        let name = self.name();
        let scope = self.lexical.last_mut().unwrap();
        (!scope.contains(&name)).then(|| {
            scope.push(name);
            name
        })
    }

    fn scope(&mut self, before: &str, fill: impl FnOnce(&mut Self), after: &str) {
        self.out.push_str(before);
        self.lexical.push(Vec::new());
        self.depth += 1;
        fill(self);
        self.depth -= 1;
        self.lexical.pop();
        self.out.push_str(after);
    }

    fn statements(&mut self) {
        for _ in 0..=self.below(4) {
            self.statement();
        }
    }

    fn use_some(&mut self) {
        let (one, two) = (self.name(), self.name());
        let function = self.functions.saturating_sub(self.below(4));
        let text = match self.below(6) {
            5 => format!("h{function}({one});\n"),
            0 => format!("{one}({two});\n"),
            1 => format!("{one} = {two};\n"),
            2 => format!("({{ {one}, x: {two} }} = {{ {one}, {two}: {two} }});\n"),
            3 => format!("typeof {one}, {two}.{one}[{two}];\n"),
            _ => format!("`${{{one}}}${{{two}}}`;\n"),
        };
        self.out.push_str(&text);
    }

    fn statement(&mut self) {
        self.left = self.left.saturating_sub(1);
        if self.depth >= MAX_DEPTH || self.left == 0 {
            return self.use_some();
        }
        match self.below(16) {
            0 | 1 => self.lexical_declaration(),
            2 => self.scope("{\n", Self::statements, "}\n"),
            3 => self.function_declaration(),
            4 => self.function_expression(),
            5 => self.arrow(),
            6 => self.class(),
            7 => self.for_loop(),
            8 => self.catch(),
            9 => self.switch(),
            10 => {
                let name = self.name();
                let before = format!("if ({name}) {{\n");
                self.scope(&before, Self::statements, "}\n");
            }
            11 => self.variable(),
            _ => self.use_some(),
        }
    }

    fn lexical_declaration(&mut self) {
        let Some(name) = self.fresh() else {
            return self.use_some();
        };
        let (word, value) = (["let", "const"][self.below(2)], self.name());
        let text = match self.below(4) {
            0 => match self.fresh() {
                Some(other) => format!("{word} {{ x: {name}, ...{other} }} = {value};\n"),
                None => format!("{word} [{name} = {value}] = [{value}];\n"),
            },
            1 => format!("{word} {name} = () => {name};\n"),
            _ => format!("{word} {name} = {value};\n"),
        };
        self.out.push_str(&text);
    }

    /// `var`s have names of their own: they clash with what is lexical in every block between.
    fn variable(&mut self) {
        let (name, value) = (self.name(), self.name());
        let text = match self.below(3) {
            0 => format!("var v{name} = {value}, w{value} = v{name};\n"),
            1 => format!("for (var v{name} of {value}) v{value}(v{name});\n"),
            _ => format!("v{name} = w{value};\n"),
        };
        self.out.push_str(&text);
    }

    fn parameters(&mut self) -> String {
        let mut names: Vec<&'static str> = NAMES.to_vec();
        let mut parts = Vec::new();
        for _ in 0..self.below(3) {
            let name = names.remove(self.below(names.len()));
            let other = self.name();
            parts.push(match self.below(4) {
                0 => format!("{name} = {other}"),
                1 => format!("{{ {name}, y: p{name} = {other} }}"),
                2 => format!("[{name} = () => {other}]"),
                _ => name.to_owned(),
            });
        }
        parts.join(", ")
    }

    fn body(&mut self, before: &str, after: &str) {
        self.scope(before, Self::body_statements, after);
    }

    /// What a body declares may not clash with parameters, so it declares in a block.
    fn body_statements(&mut self) {
        self.variable();
        self.scope("{\n", Self::statements, "}\n");
    }

    fn function_declaration(&mut self) {
        // Names of their own: of two functions of one name in nested blocks, and of one under the name of a variable of
        // a function further out, the resolver makes one thing. They are two.
        self.functions += 1;
        let (number, parameters) = (self.functions, self.parameters());
        self.body(&format!("function h{number}({parameters}) {{\n"), "}\n");
    }

    fn function_expression(&mut self) {
        let (target, name, parameters) = (self.name(), self.name(), self.parameters());
        self.body(&format!("{target} = function {name}({parameters}) {{\n"), "};\n");
    }

    fn arrow(&mut self) {
        let (target, parameters) = (self.name(), self.parameters());
        self.body(&format!("{target}(({parameters}) => {{\n"), "});\n");
    }

    fn class(&mut self) {
        let Some(name) = self.fresh() else {
            return self.use_some();
        };
        let (base, key, value, parameters) = (self.name(), self.name(), self.name(), self.parameters());
        self.out.push_str(&format!(
            "class {name} extends {base} {{\n{key} = {value};\n[{key}] = {name};\n"
        ));
        self.body(&format!("[{value}]({parameters}) {{\n"), "}\n");
        self.body("static {\n", "}\n}\n");
    }

    fn for_loop(&mut self) {
        let (name, other) = (self.name(), self.name());
        let before = match self.below(4) {
            0 => format!("for (let {name} = {other}; {name}; {name}++) {{\n"),
            1 => format!("for (const {name} of z{other}) {{\n"),
            2 => format!("for (const {{ {name}, x: q{other} = {name} }} in z{other}) {{\n"),
            _ => format!("for ({name} of z{other}) {{\n"),
        };
        self.scope(&before, Self::statements, "}\n");
    }

    fn catch(&mut self) {
        let name = self.name();
        self.scope("try {\n", Self::statements, "}");
        self.scope(
            &format!(" catch ({name}) {{\n"),
            |inner| inner.scope("{\n", Self::statements, "}\n"),
            "}\n",
        );
    }

    fn switch(&mut self) {
        let (name, other) = (self.name(), self.name());
        let before = format!("switch ({name}) {{ case {other}:\n");
        self.scope(&before, Self::statements, "default:\n}\n");
    }
}
