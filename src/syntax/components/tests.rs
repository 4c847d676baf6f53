use super::*;

fn blocks(text: &str, language: Language) -> Vec<(ScriptKind, Language, String)> {
    let found = scan(text, language);
    assert_eq!(found.errors, []);
    found
        .blocks
        .iter()
        .map(|b| (b.kind, b.language, text[b.start..b.end].to_string()))
        .collect()
}

fn names(text: &str, language: Language) -> Vec<String> {
    let found = scan(text, language);
    for (name, span) in &found.identifiers {
        assert_eq!(&text[span.start as usize..span.end as usize], name);
    }
    found.identifiers.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn vue_blocks() {
    let text = "<!-- <script>no</script> -->\n<docs>`<script>no</script>`</docs>\n<template><p title=\"</template>\">{{ a }}\
        <template #x><script>no</script></template></p></template>\n<SCRIPT lang=\"ts\">one</SCRIPT >\
        <script setup lang='tsx' generic=\"T extends U<V>\">two '</scripts'</script>\n<script src=\"./x.js\"></script>\
        <script lang=\"coffee\">no</script><style>a { b: c }</style>";
    assert_eq!(
        blocks(text, Language::Vue),
        [
            (ScriptKind::VueOptions, Language::Ts, "one".into()),
            (ScriptKind::VueSetup, Language::Tsx, "two '</scripts'".into()),
        ]
    );
    let template = scan(text, Language::Vue).template.unwrap();
    let inner = &text[template.start as usize..template.end as usize];
    assert!(inner.starts_with("<p") && inner.ends_with("</p>"), "{inner}");
    let pug = scan(
        "<template lang=\"pug\">\ndiv(@click=\"x\")\n</template><script>a</script>",
        Language::Vue,
    );
    assert_eq!(
        (pug.blocks.len(), pug.identifiers.len(), pug.template.is_some()),
        (1, 0, true)
    );
}

#[test]
fn vue_template_names() {
    let text = "{{ no }}<template>{{ a.b < c }} <X v-if=\"d > 1\" @click.once='e($event)' :f=\"g\" :h.sync v-on:[i]=\"j\" \
        ref=\"k\" class=\"no\" v-for=\"l in m\"/></template>";
    let expected = ["a", "c", "d", "e", "$event", "g", "h", "i", "j", "k", "l", "m"];
    assert_eq!(names(text, Language::Vue), expected);
    assert_eq!(names("<template>{{ a </template>", Language::Vue), [""; 0]);
}

#[test]
fn svelte_blocks_and_names() {
    let text = "<script context=\"module\">m</script><script lang=\"ts\">i</script><script module lang=ts>n</script>\
        <svelte:head><script>h</script></svelte:head>\
        {#if a < b}<div on:click={() => c(d > 1)} use:e={f} bind:this={g} bind:h class=\"x {i ? 'j' : \"k\"}\" {l} {...m}>\
        </div>{:else if n}{@html o}{/if}<p transition:q|local {onclick}>{`r ${s}`}</p>";
    assert_eq!(
        blocks(text, Language::Svelte),
        [
            (ScriptKind::SvelteModule, Language::Js, "m".into()),
            (ScriptKind::SvelteInstance, Language::Ts, "i".into()),
            (ScriptKind::SvelteModule, Language::Ts, "n".into()),
            (ScriptKind::Html, Language::Js, "h".into()),
        ]
    );
    let expected = [
        "a", "b", "c", "d", "f", "g", "h", "i", "l", "m", "n", "o", "q", "onclick", "s",
    ];
    assert_eq!(names(text, Language::Svelte), expected);
}

/// The parts of a template: `tag`, or `tag?` for what comes and goes, each after the ones around it.
fn parts(text: &str, language: Language) -> Vec<String> {
    let found = scan(text, language).parts;
    let path = |mut at: usize| {
        let mut out = String::new();
        loop {
            let mark = if found[at].always { "" } else { "?" };
            out.insert_str(0, &format!("{}{mark}", found[at].name));
            match found[at].inside {
                Some(up) => at = up as usize,
                None => return out,
            }
            out.insert(0, '/');
        }
    };
    (0..found.len()).map(path).collect()
}

#[test]
fn parts_of_templates() {
    let vue = "<template><div><A/><img><B v-if=\"a < b\"><p>x<C/></B><li v-for=\"i in n\"><D/></li>\
        <E><template #f><G/></template><template v-slot=\"h\"><I/></template></E><!-- <J/> --><slot name=\"k\"/></div></template>";
    let expected = ["A", "B?", "B?/C", "D?", "E", "E/#f", "E/#f/G", "E/I?", "slot:k"];
    assert_eq!(parts(vue, Language::Vue), expected);
    let svelte = "{#if a}<A/>{:else}<B/>{/if}<C>{@render children()}</C>{#each list as { x }}<div><D/></div>{/each}<E f={() => '<'}/>";
    let expected = ["A?", "B?", "C", "C/slot", "D?", "E"];
    assert_eq!(parts(svelte, Language::Svelte), expected);
    let angular = "<a-b *ngIf=\"x\"><c-d/></a-b>{{ y ? '}' : '{' }}@if (x > (1)) {<e-f/>} @else {<g-h/>}<i-j/>me@here.org \
        <ng-template><k-l/></ng-template>@for (i of n; track i) {{n, plural, =1 {<m-n/>}}}<o-p/></div>";
    let expected = [
        "a-b?",
        "a-b?/c-d",
        "e-f?",
        "g-h?",
        "i-j",
        "ng-template?",
        "ng-template?/k-l",
        "m-n?",
        "o-p",
    ];
    assert_eq!(parts(angular, Language::Html), expected);
}

#[test]
fn html_blocks() {
    let text = "<!DOCTYPE html><title><script>no</script></title><script>1</script><script type=module>2</script>\
        <script type=\"application/json\">no</script><script type=\"importmap\">{}</script><script src=x>no</script>\
        <template><script>no</script></template><textarea><script>no</script></textarea>\
        <a title='<script>'><script type=\"text/javascript\" async>3</script><script type=\"text/x-template\">no</script>";
    let found: Vec<_> = blocks(text, Language::Html)
        .into_iter()
        .map(|(_, _, code)| code)
        .collect();
    assert_eq!(found, ["1", "2", "3"]);
}

#[test]
fn astro_blocks() {
    let text = "\u{feff}---\nconst a = '---';\n---\n<p>{a < 1 && <b/>}</p><script>b</script>\
        <script is:inline>c</script><script type=\"application/ld+json\">{}</script>";
    assert_eq!(
        blocks(text, Language::Astro),
        [
            (
                ScriptKind::AstroFrontmatter,
                Language::Astro,
                "\nconst a = '---';\n".into()
            ),
            (ScriptKind::AstroScript, Language::Ts, "b".into()),
            (ScriptKind::AstroScript, Language::Js, "c".into()),
        ]
    );
    assert_eq!(blocks("<p>---</p>", Language::Astro), []);
    assert_eq!(scan("---\nlet a", Language::Astro).errors.len(), 1);
}

#[test]
fn unclosed_scripts_are_errors_and_code() {
    let found = scan("<p></p><script>let a;", Language::Vue);
    assert_eq!(found.errors.len(), 1);
    assert_eq!(found.errors[0].span.unwrap(), Span::new(7, 15));
    assert_eq!((found.blocks[0].start, found.blocks[0].end), (15, 21));
}

#[test]
fn markup_comments_with_the_marker_are_kept() {
    let text = "<!-- x --><!-- leaklint-disable --><p/>";
    let found = scan(text, Language::Html).comments;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].text, " leaklint-disable ");
    assert_eq!(found[0].span, Span::new(10, 35));
}

#[test]
fn hostile_markup_takes_linear_time() {
    // What looks at the rest of the text for each piece takes thousands of millions of steps here, and does not end.
    for piece in [
        "<",
        "<a ",
        "<a b=\"",
        "<script>",
        "</",
        "</script",
        "{",
        "{{",
        "<!--",
        "<p {",
        "`",
        "<template>",
        "<a b={'",
        "<a>",
        "</a>",
        "<a></b>",
        "@if (",
        "@if () {",
        "}",
    ] {
        for language in [Language::Vue, Language::Svelte, Language::Astro, Language::Html] {
            scan(&piece.repeat(100_000), language);
            scan(&format!("<template>{}", piece.repeat(100_000)), language);
        }
    }
}
