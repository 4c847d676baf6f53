//! A corpus that is the same everywhere: modules of a made-up server and its components.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Modules of each kind.
const MODULES: usize = 667;

/// Writes the corpus below a folder.
pub(crate) fn write(folder: &Path) {
    for i in 0..MODULES {
        fs::write(folder.join(format!("service{i}.js")), service(i)).unwrap();
        fs::write(folder.join(format!("model{i}.ts")), model(i)).unwrap();
        fs::write(folder.join(format!("view{i}.tsx")), view(i)).unwrap();
    }
    fs::write(folder.join("shared.ts"), SHARED).unwrap();
    fs::write(folder.join("package.json"), "{ \"name\": \"corpus\" }").unwrap();
}

/// What every service imports.
const SHARED: &str = "export function hasValue<T>(value: T | undefined): value is T {\n  return value !== undefined;\n}\n\n\
                      export const first = <T>(list: T[]): T | undefined => list[0];\n";

/// Plain functions, a class with listeners and timers, a handler that calls into other modules.
fn service(i: usize) -> String {
    let other = (i * 7 + 3) % MODULES;
    let mut out = format!(
        "import {{ EventEmitter }} from 'events';\nimport {{ createServer }} from 'http';\n\
         import {{ first, hasValue }} from './shared';\n\
         import {{ remember{other}, read{other} }} from './model{other}';\n\nconst seen{i} = new Map();\n"
    );
    for f in 0..12 {
        write!(
            out,
            "\nfunction step{f}(input, options = {{ limit: {f}, names: ['a', 'b'] }}) {{\n  const parts = [];\n  \
             for (let at = 0; at < input.length; at++) {{\n    const word = input[at].trim();\n    \
             if (!word || options.names.includes(word)) continue;\n    parts.push({{ word, at, score: word.length * {f} }});\n  }}\n  \
             parts.sort((a, b) => a.score - b.score || a.at - b.at);\n  \
             return parts.slice(0, options.limit).map(({{ word }}) => `${{word}}:{f}`).join(', ');\n}}\n"
        )
        .unwrap();
    }
    write!(
        out,
        "\nexport class Service{i} extends EventEmitter {{\n  constructor(source) {{\n    super();\n    this.source = source;\n    \
         this.onData = (data) => this.take(data);\n  }}\n  start() {{\n    this.source.on('data', this.onData);\n    \
         this.timer = setInterval(() => this.sweep(), 1000);\n  }}\n  take(data) {{\n    if (!hasValue(first(data.lines))) return;\n    const text = step0(data.lines) + step1(data.lines);\n    \
         seen{i}.set(data.kind, text);\n    this.emit('taken', text);\n  }}\n  sweep() {{\n    \
         for (const [key, value] of seen{i}) if (value.length > 80) seen{i}.delete(key);\n  }}\n  \
         stop() {{\n    clearInterval(this.timer);\n    this.source.off('data', this.onData);\n  }}\n}}\n\n\
         export const server{i} = createServer(async (req, res) => {{\n  const body = await read{other}(req.url);\n  \
         remember{other}(req.url, body);\n  res.end(step2(body.split('\\n')));\n}});\n"
    )
    .unwrap();
    out
}

/// Types, a store with a bound, and one without.
fn model(i: usize) -> String {
    let bound = if i.is_multiple_of(5) {
        String::new()
    } else {
        "  if (known.size > 1000) known.delete(known.keys().next().value!);\n".to_owned()
    };
    let mut out = format!(
        "interface Entry{i} {{\n  key: string;\n  body: string;\n  at: number;\n}}\n\n\
         const known = new Map<string, Entry{i}>();\n\nexport function remember{i}(key: string, body: string): void {{\n  \
         known.set(key, {{ key, body, at: Date.now() }});\n{bound}}}\n\n\
         export async function read{i}(key: string): Promise<string> {{\n  const entry = known.get(key);\n  \
         return entry ? entry.body : (await fetch(key)).text();\n}}\n"
    );
    for f in 0..8 {
        write!(
            out,
            "\nexport function compare{f}(a: Entry{i}, b: Entry{i}): number {{\n  \
             const age = (entry: Entry{i}) => Math.max(0, Date.now() - entry.at) / {};\n  \
             switch (Math.sign(age(a) - age(b))) {{\n    case -1:\n      return a.body.length - b.body.length;\n    case 1:\n      \
             return b.key.localeCompare(a.key);\n    default:\n      return {f};\n  }}\n}}\n",
            f + 1
        )
        .unwrap();
    }
    out
}

/// A component with an effect, and its parts.
fn view(i: usize) -> String {
    let mut out = format!(
        "import {{ useEffect, useState }} from 'react';\nimport {{ read{i} }} from './model{i}';\n\n\
         export function View{i}({{ path, rate = 1000 }}: {{ path: string; rate?: number }}) {{\n  \
         const [text, setText] = useState('');\n  useEffect(() => {{\n    \
         const id = setInterval(() => read{i}(path).then(setText), rate);\n    \
         const onResize = () => setText((t) => t.trim());\n    window.addEventListener('resize', onResize);\n    \
         return () => {{\n      clearInterval(id);\n      window.removeEventListener('resize', onResize);\n    }};\n  \
         }}, [path, rate]);\n  return (\n    <section className=\"view\">\n"
    );
    for f in 0..20 {
        writeln!(
            out,
            "      <Row key={{`{i}-{f}`}} title={{text.slice({f}, {})}} onPick={{(row) => setText(row.title)}} wide={{{f} > 3}} />",
            f + 10
        )
        .unwrap();
    }
    out.push_str("    </section>\n  );\n}\n\nfunction Row({ title, onPick, wide }) {\n  return <p onClick={() => onPick({ title })}>{wide ? title : null}</p>;\n}\n");
    out
}
