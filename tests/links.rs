//! Ways of exporting meet ways of importing: whoever calls a function or makes an object of a class in a request handler
//! is found, by whatever names it went there.

mod support;

use std::fmt::Write as _;

use support::Case;

/// What leaks each time it runs.
const BODY: &str = "process.on('warning', () => page.warn());";

/// A way out of a file, and the ways into another: what stands there, and the name by then. Between them may stand a
/// file that passes it on.
struct Way {
    export: &'static str,
    between: &'static str,
    imports: &'static [(&'static str, &'static str)],
}

const fn way(export: &'static str, between: &'static str, imports: &'static [(&'static str, &'static str)]) -> Way {
    Way {
        export,
        between,
        imports,
    }
}

/// How a function or class may be written that is called `listen`; whether it is a class.
const WRITTEN: [(&str, &str, bool); 5] = [
    ("function listen(page) { ", " }", false),
    ("const listen = async (page) => { ", " };", false),
    ("const listen = function (page) { ", " };", false),
    ("class listen { constructor(page) { ", " } }", true),
    ("const listen = class { constructor(page) { ", " } };", true),
];

const MODULES: [Way; 19] = [
    way(
        "export default listen;",
        "",
        &[
            ("import l from './from.js';", "l"),
            ("import * as all from './from.js';", "all.default"),
            ("import { default as l } from './from.js';", "l"),
            ("const from = import('./from.js');", "(await from).default"),
        ],
    ),
    way(
        "export { listen as default };",
        "",
        &[("import l from './from.js';", "l")],
    ),
    way(
        "export { listen };",
        "",
        &[
            ("import { listen as l } from './from.js';", "l"),
            ("import * as all from './from.js';", "all.listen"),
            ("", "(await import('./from.js')).listen"),
        ],
    ),
    way(
        "export { listen as hear };",
        "",
        &[("import { hear } from './from.js';", "hear")],
    ),
    way(
        "export default { listen };",
        "",
        &[
            ("import api from './from.js';", "api.listen"),
            ("import api from './from.js'; const { listen } = api;", "listen"),
        ],
    ),
    way(
        "const api = { listen }; export default api;",
        "",
        &[("import a from './from.js';", "a.listen")],
    ),
    way(
        "export const api = { listen };",
        "",
        &[("import { api } from './from.js';", "api.listen")],
    ),
    way(
        "export const api = { hear: listen };",
        "",
        &[("import { api } from './from.js';", "api.hear")],
    ),
    way(
        "export default Object.freeze({ listen });",
        "",
        &[("import api from './from.js';", "api.listen")],
    ),
    way(
        "export { listen };",
        "export * from './from.js';",
        &[("import { listen } from './between.js';", "listen")],
    ),
    way(
        "export default listen;",
        "export { default as hear } from './from.js';",
        &[("import { hear } from './between.js';", "hear")],
    ),
    way(
        "export default listen;",
        "export { default } from './from.js';",
        &[("import l from './between.js';", "l")],
    ),
    way(
        "export default listen;",
        "import l from './from.js'; export { l };",
        &[
            ("import { l } from './between.js';", "l"),
            ("import * as all from './between.js';", "all.l"),
        ],
    ),
    way(
        "export default listen;",
        "import l from './from.js'; export default l;",
        &[("import l from './between.js';", "l")],
    ),
    way(
        "export default listen;",
        "import listen from './from.js'; export default { listen };",
        &[("import api from './between.js';", "api.listen")],
    ),
    way(
        "export default listen;",
        "import listen from './from.js'; export const l = listen;",
        &[("import { l } from './between.js';", "l")],
    ),
    way(
        "export { listen };",
        "export * as all from './from.js';",
        &[("import { all } from './between.js';", "all.listen")],
    ),
    way(
        "export { listen };",
        "import * as all from './from.js'; export { all };",
        &[("import { all } from './between.js';", "all.listen")],
    ),
    way(
        "function api() {} api.listen = listen; export default api;",
        "",
        &[("import api from './from.js';", "api.listen")],
    ),
];

const COMMON_JS: [Way; 11] = [
    way(
        "module.exports = listen;",
        "",
        &[("const l = require('./from.js');", "l"), ("", "require('./from.js')")],
    ),
    way(
        "module.exports = { listen };",
        "",
        &[
            ("const { listen } = require('./from.js');", "listen"),
            ("const { listen: l } = require('./from.js');", "l"),
            ("const api = require('./from.js');", "api.listen"),
            ("", "require('./from.js').listen"),
        ],
    ),
    way(
        "module.exports = { hear: listen };",
        "",
        &[
            ("const { hear } = require('./from.js');", "hear"),
            ("const api = require('./from.js');", "api.hear"),
        ],
    ),
    way(
        "exports.listen = listen;",
        "",
        &[
            ("const { listen } = require('./from.js');", "listen"),
            ("const l = require('./from.js').listen;", "l"),
        ],
    ),
    way(
        "module.exports = {}; module.exports.listen = listen;",
        "",
        &[("const api = require('./from.js');", "api.listen")],
    ),
    way(
        "exports = module.exports = listen;",
        "",
        &[("const l = require('./from.js');", "l")],
    ),
    way(
        "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = listen;",
        "",
        &[
            ("const { default: l } = require('./from.js');", "l"),
            ("const from = require('./from.js');", "from.default"),
            (
                "var __importDefault = (m) => (m && m.__esModule ? m : { default: m }); \
                 const from = __importDefault(require('./from.js'));",
                "from.default",
            ),
        ],
    ),
    way(
        "module.exports = listen;",
        "module.exports = { listen: require('./from.js') };",
        &[
            ("const api = require('./between.js');", "api.listen"),
            ("const { listen } = require('./between.js');", "listen"),
        ],
    ),
    way(
        "module.exports = listen;",
        "exports.hear = require('./from.js');",
        &[("const api = require('./between.js');", "api.hear")],
    ),
    way(
        "module.exports = listen;",
        "const listen = require('./from.js'); module.exports = { listen };",
        &[("const api = require('./between.js');", "api.listen")],
    ),
    way(
        "module.exports = { listen };",
        "module.exports = { ...require('./from.js') };",
        &[
            ("const api = require('./between.js');", "api.listen"),
            ("const { listen } = require('./between.js');", "listen"),
        ],
    ),
];

/// All ways of one kind of modules, each for each way to write what is exported, and a program for each.
fn programs(ways: &[Way], server: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for (head, tail, is_class) in WRITTEN {
        for way in ways {
            for (import, name) in way.imports {
                let call = match is_class {
                    true => format!("new ({name})(res)"),
                    false => format!("{name}(res)"),
                };
                let from = format!(
                    "{head}\n{BODY}\n// <- unremoved-listener never-released high\n{tail}\n{}\n",
                    way.export
                );
                let mut main = String::new();
                writeln!(main, "{server}\n{import}").unwrap();
                writeln!(main, "http.createServer(async (req, res) => {{ {call}; res.end(); }});").unwrap();
                cases.push(Case {
                    name: format!("link:{head}{tail} {} | {} | {import} {call}", way.export, way.between),
                    files: vec![
                        ("from.js".into(), from),
                        ("between.js".into(), way.between.into()),
                        ("main.js".into(), main),
                    ],
                });
            }
        }
    }
    cases
}

#[test]
fn callers_are_found_through_modules() {
    let mut cases = programs(&MODULES, "import http from 'node:http';");
    cases.extend(programs(&COMMON_JS, "const http = require('node:http');"));
    support::check_all("link:", "links", &cases);
}
