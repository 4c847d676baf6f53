//! What a user reads: the whole picture of typical leaks, in the terminal's format. The remedy must name the code's own
//! things, the labels must tell who holds it and why again and again.

mod process;

use process::{leak, leaklint, project};

/// Checks a project and holds what it prints against the snapshot of this name.
fn story(name: &str, files: &[(&str, &str)]) {
    let mut all = vec![("package.json", "{}")];
    all.extend(files);
    let folder = project(&all);
    let output = leaklint(folder.path())
        .args(["--format", "pretty", "--color", "never", "--no-cache"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    insta::assert_snapshot!(name, text);
}

#[test]
fn a_server_collects_requests() {
    story("server_in_one_file", &[("server.js", &leak("requestLogs"))]);
    story(
        "server_across_files",
        &[
            ("src/store.ts", "export const seen: string[] = [];\n"),
            (
                "src/handler.ts",
                "import { seen } from './store';\nexport function handle(url: string) {\n  remember(url);\n}\nfunction remember(url: string) {\n  seen.push(url);\n}\n",
            ),
            (
                "src/server.ts",
                "import http from 'node:http';\nimport { handle } from './handler';\nhttp.createServer((req, res) => {\n  handle(req.url ?? '');\n  res.end();\n}).listen(80);\n",
            ),
        ],
    );
}

#[test]
fn components_forget_what_they_began() {
    story(
        "react_effect",
        &[(
            "Clock.tsx",
            "import { useEffect, useState } from 'react';\nexport function Clock() {\n  const [now, setNow] = useState(Date.now());\n  useEffect(() => {\n    const timer = setInterval(() => setNow(Date.now()), 1000);\n    window.addEventListener('focus', () => setNow(Date.now()));\n  }, []);\n  return <time>{now}</time>;\n}\n",
        )],
    );
    story(
        "vue_options",
        &[(
            "Clock.vue",
            "<template><time>{{ now }}</time></template>\n<script>\nexport default {\n  data: () => ({ now: 0 }),\n  mounted() {\n    this.timer = setInterval(() => { this.now = Date.now(); }, 1000);\n    window.addEventListener('resize', this.onResize);\n  },\n  beforeUnmount() {\n    window.removeEventListener('resize', this.onResize.bind(this));\n  },\n  methods: { onResize() {} },\n};\n</script>\n",
        )],
    );
    story(
        "angular_subscription",
        &[(
            "panel.component.ts",
            "import { Component, OnDestroy, OnInit } from '@angular/core';\nimport { Subject, interval } from 'rxjs';\nimport { takeUntil } from 'rxjs/operators';\n@Component({ selector: 'app-panel', template: '' })\nexport class PanelComponent implements OnInit, OnDestroy {\n  private readonly ended = new Subject<void>();\n  value = 0;\n  ngOnInit() {\n    interval(1000).pipe(takeUntil(this.ended)).subscribe((v) => { this.value = v; });\n    interval(5000).subscribe((v) => { this.value = -v; });\n  }\n  ngOnDestroy() {\n    this.ended.next();\n  }\n}\n",
        )],
    );
}

#[test]
fn the_remedy_is_written_as_the_code_is() {
    story(
        "wrapped_receivers",
        &[(
            "Drawer.jsx",
            "import React from 'react';\nimport $ from 'jquery';\nimport { Appearance } from 'react-native';\nexport class Drawer extends React.Component {\n  componentDidMount() {\n    $(window).on('resize', this.place);\n    $('body').on('click', this.place);\n    this.mode = Appearance.addChangeListener(this.place);\n  }\n  place = () => this.setState({ width: window.innerWidth });\n  save() {\n    const link = document.createElement('a');\n    link.href = URL.createObjectURL(this.props.data);\n    link.click();\n  }\n  render() {\n    return <button onClick={() => this.save()} />;\n  }\n}\n",
        )],
    );
}

#[test]
fn the_remedy_fits_what_repeats() {
    story(
        "said_as_it_is",
        &[
            (
                "Menu.jsx",
                "import React from 'react';\nimport $ from 'jquery';\nimport panzoom from 'panzoom';\nexport class Menu extends React.Component {\n  componentDidMount() {\n    $(document.body).on('mousedown', this.place);\n    $(window)\n      .keydown(() => this.place())\n      .on('hashchange', () => this.place());\n    this.zoom = panzoom(this.props.node);\n    document.getElementById(this.props.id).addEventListener('focusin', this.place);\n    this.props.load().then(() => window.addEventListener('online', this.place));\n  }\n  place = () => this.setState({ width: window.innerWidth });\n  open() {\n    window.addEventListener('popstate', this.place);\n    window.addEventListener('resize', () => this.place());\n  }\n  render() {\n    return <button onClick={() => this.open()} />;\n  }\n}\n",
            ),
            (
                "View.vue",
                "<template><p ref=\"box\" /></template>\n<script setup>\nimport { onMounted, ref } from 'vue';\nconst box = ref(null);\nonMounted(() => {\n  const sizes = new ResizeObserver(() => box.value.scrollTo(0, 0));\n  sizes.observe(document.body);\n  return () => sizes.disconnect();\n});\n</script>\n",
            ),
            (
                "listeners.js",
                "const tellers = [];\nexport function onNews(tell) {\n  tellers.push(tell);\n}\nexport function news(text) {\n  tellers.forEach((tell) => tell(text));\n}\n",
            ),
            (
                "Reader.jsx",
                "import { useEffect, useState } from 'react';\nimport { onNews } from './listeners';\nexport function Reader() {\n  const [text, setText] = useState('');\n  useEffect(() => {\n    onNews(setText);\n  }, []);\n  return <p>{text}</p>;\n}\n",
            ),
            (
                "ratio.js",
                "function add(node) {\n  button = document.createElement('button');\n  node.append(button);\n  button = document.createElement('button');\n  node.append(button);\n}\ndocument.addEventListener('click', (event) => add(event.target));\n",
            ),
        ],
    );
}

#[test]
fn the_remedy_undoes_what_was_done_by_its_own_word() {
    story(
        "opposite_words",
        &[
            (
                "Badge.jsx",
                "import React from 'react';\nimport { news } from './news';\nexport class Badge extends React.Component {\n  componentDidMount() {\n    news.addListener('told', this.count);\n  }\n  count = () => this.setState({});\n  render() {\n    return <b />;\n  }\n}\n",
            ),
            (
                "news.js",
                "import { EventEmitter } from 'events';\nexport const news = new EventEmitter();\n",
            ),
        ],
    );
}

#[test]
fn the_remedy_can_be_written_as_it_is_said() {
    story(
        "hooks_of_the_version",
        &[
            (
                "Player.vue",
                "<template><p /></template>\n<script>\nexport default {\n  mounted() {\n    this.timer = setInterval(() => this.$emit('tick'), 1000);\n  },\n};\n</script>\n",
            ),
            (
                "Clock.vue",
                "<template><p /></template>\n<script>\nexport default {\n  mounted() {\n    this.timer = setInterval(() => this.$emit('tick'), 1000);\n  },\n  beforeDestroy() {\n    clearInterval(this.timer);\n  },\n};\n</script>\n",
            ),
            (
                "Camera.jsx",
                "import { useEffect, useRef } from 'react';\nexport function Camera({ kind, show }) {\n  const video = useRef(null);\n  useEffect(() => {\n    navigator.mediaDevices.getUserMedia({ video: true }).then((stream) => {\n      video.current.srcObject = stream;\n    });\n    document.addEventListener(`device:${kind.name}:${kind.number}:${kind.version}:${kind.firmware}`, show);\n  }, [kind, show]);\n  return <video ref={video} />;\n}\n",
            ),
        ],
    );
    story(
        "ticks_are_no_messages",
        &[(
            "icons.js",
            "const fs = require('fs');\nconst ids = [];\nfunction load() {\n  for (const id of JSON.parse(fs.readFileSync('icons.json', 'utf8'))) ids.push(id);\n}\nsetInterval(load, 1000);\nsetInterval(() => console.log(ids.length), 5000);\n",
        )],
    );
}

#[test]
fn a_list_that_loses_elements_while_it_is_gone_over_is_named() {
    story(
        "cut_while_gone_over",
        &[
            (
                "center.js",
                "export class Center {\n  constructor() {\n    this.entries = [];\n  }\n  attach(target, type, listener) {\n    target.addEventListener(type, listener);\n    this.entries.push({ id: type, target, type, listener });\n  }\n  detach(id) {\n    const index = this.entries.findIndex((entry) => entry.id === id);\n    const { target, type, listener } = this.entries[index];\n    target.removeEventListener(type, listener);\n    this.entries.splice(index, 1);\n  }\n  detachAll() {\n    this.entries.forEach((entry) => this.detach(entry.id));\n  }\n}\n",
            ),
            (
                "Editor.jsx",
                "import { useEffect } from 'react';\nimport { Center } from './center';\nclass Editor {\n  constructor() {\n    this.keys = [];\n    this.center = new Center();\n    this.center.attach(document, 'keydown', (event) => this.keys.push(event.key));\n  }\n  destroy() {\n    this.center.detachAll();\n  }\n}\nexport function Page() {\n  useEffect(() => {\n    const editor = new Editor();\n    return () => editor.destroy();\n  }, []);\n  return <p />;\n}\n",
            ),
        ],
    );
}

#[test]
fn a_release_that_does_not_work_is_explained() {
    story(
        "bound_anew",
        &[(
            "menu.js",
            "export class Menu extends HTMLElement {\n  connectedCallback() {\n    document.addEventListener('click', this.close.bind(this));\n  }\n  disconnectedCallback() {\n    document.removeEventListener('click', this.close.bind(this));\n  }\n  close() {}\n}\ncustomElements.define('my-menu', Menu);\n",
        )],
    );
    story(
        "skipped_by_a_throw",
        &[(
            "read.js",
            "import fs from 'node:fs';\nimport http from 'node:http';\nfunction head(path) {\n  const fd = fs.openSync(path, 'r');\n  const bytes = Buffer.alloc(16);\n  fs.readSync(fd, bytes);\n  if (bytes[0] === 0) return null;\n  fs.closeSync(fd);\n  return bytes;\n}\nhttp.createServer((req, res) => { res.end(head(req.url)); }).listen(80);\n",
        )],
    );
    story(
        "ended_in_its_own_way",
        &[(
            "print.js",
            "import http from 'node:http';\nimport { openPrinter } from './printers';\nasync function print(text) {\n  const printer = await openPrinter('a4');\n  await printer.write(text);\n  await printer.dispose();\n}\nhttp.createServer(async (req, res) => { await print(req.url); res.end(); }).listen(80);\n",
        )],
    );
    story(
        "child_not_ended",
        &[(
            "page.js",
            "class Ticker {\n  constructor() { this.timer = setInterval(() => this.tick(), 1000); }\n  tick() {}\n  dispose() { clearInterval(this.timer); }\n}\nexport class Page extends HTMLElement {\n  connectedCallback() {\n    this.ticker = new Ticker();\n  }\n  disconnectedCallback() {\n    this.textContent = '';\n  }\n}\ncustomElements.define('my-page', Page);\n",
        )],
    );
}

/// The program and the picture in the README are real.
#[test]
fn the_first_run_of_the_readme_is_what_is_printed() {
    let readme = include_str!("../README.md");
    let block = |fence: &str| {
        let from = readme.find("## First run").unwrap();
        let begin = from + readme[from..].find(fence).unwrap() + fence.len();
        &readme[begin..begin + readme[begin..].find("```").unwrap()]
    };
    let folder = project(&[("package.json", "{}"), ("server.js", block("```js\n"))]);
    let arguments = ["--format", "pretty", "--color", "never", "--no-cache", "server.js"];
    let output = leaklint(folder.path()).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert_eq!(text, block("```text\n"));
}

#[test]
fn where_nothing_says_how_often_the_function_is_named() {
    story(
        "function_that_anyone_calls",
        &[(
            "src/labels.ts",
            "const labels = new Map<string, object>();\nexport function labelOf(labelId: string) {\n  let label = labels.get(labelId);\n  if (!label) {\n    label = measure(labelId);\n    labels.set(labelId, label);\n  }\n  return label;\n}\nfunction measure(text: string) {\n  return { text, width: text.length };\n}\n",
        )],
    );
}

#[test]
fn a_callback_that_misses_the_release_is_where_it_belongs() {
    story(
        "missed_by_a_callback",
        &[(
            "wait.js",
            "export function ready(element, signal) {\n  return new Promise((resolve, reject) => {\n    const onAbort = () => reject(signal.reason);\n    signal.addEventListener('abort', onAbort, { once: true });\n    element.addEventListener('load', () => {\n      signal.removeEventListener('abort', onAbort);\n      resolve(element);\n    }, { once: true });\n    element.addEventListener('error', (event) => reject(event.error), { once: true });\n  });\n}\n",
        )],
    );
}

#[test]
fn a_dropped_undo_is_called_what_it_is() {
    story(
        "dropped_undo",
        &[(
            "src/gauge.jsx",
            "import { useEffect } from 'react';\nimport { autorun } from 'mobx';\nexport function Gauge({ level }) {\n  useEffect(() => {\n    autorun(() => draw(level.current));\n  }, [level]);\n  return null;\n}\n",
        )],
    );
}
