//! Reading the table files and making their indexes.

use super::Base;
use super::{CallPattern, Conventions, Entry, File, Tables, TypeId};

/// The built-in files. A test compares this list with the folder.
pub(super) const FILES: &[(&str, &str)] = &[
    ("angular", include_str!("../../rules/resources/angular.toml")),
    ("conventions", include_str!("../../rules/resources/conventions.toml")),
    ("dom", include_str!("../../rules/resources/dom.toml")),
    ("editors", include_str!("../../rules/resources/editors.toml")),
    ("frameworks", include_str!("../../rules/resources/frameworks.toml")),
    ("language", include_str!("../../rules/resources/language.toml")),
    ("libraries", include_str!("../../rules/resources/libraries.toml")),
    ("networks", include_str!("../../rules/resources/networks.toml")),
    ("node", include_str!("../../rules/resources/node.toml")),
    ("pages", include_str!("../../rules/resources/pages.toml")),
    ("react", include_str!("../../rules/resources/react.toml")),
    ("realtime", include_str!("../../rules/resources/realtime.toml")),
    ("rxjs", include_str!("../../rules/resources/rxjs.toml")),
    ("servers", include_str!("../../rules/resources/servers.toml")),
    ("stores", include_str!("../../rules/resources/stores.toml")),
    ("tools", include_str!("../../rules/resources/tools.toml")),
    ("vue", include_str!("../../rules/resources/vue.toml")),
    ("wasm", include_str!("../../rules/resources/wasm.toml")),
    ("widgets", include_str!("../../rules/resources/widgets.toml")),
];

/// Why a table could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError(pub String);

impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TableError {}

pub(super) fn builtin() -> Result<Tables, TableError> {
    let mut tables = Tables::default();
    for (name, text) in FILES {
        add(&mut tables, name, text)?;
    }
    index(&mut tables)?;
    Ok(tables)
}

pub(super) fn with_user_rows(text: &str) -> Result<Tables, TableError> {
    let mut tables = Tables::default();
    add(&mut tables, "leaklint.toml", text)?;
    for (name, text) in FILES {
        add(&mut tables, name, text)?;
    }
    index(&mut tables)?;
    Ok(tables)
}

fn add(tables: &mut Tables, name: &str, text: &str) -> Result<(), TableError> {
    let file: File = toml::from_str(text).map_err(|e| TableError(format!("{name}: {e}")))?;
    tables.types.extend(file.types);
    tables.values.extend(file.values);
    tables.pairs.extend(file.pairs);
    tables.contexts.extend(file.contexts);
    tables.lifecycles.extend(file.lifecycles);
    tables.wrappers.extend(file.wrappers);
    tables.operators.extend(file.operators);
    tables.sizes.extend(file.sizes);
    tables.scopes.extend(file.scopes);
    tables.in_scope.extend(file.in_scope);
    tables.conventions.extend(file.conventions);
    Ok(())
}

impl Conventions {
    /// Adds the names of other conventions. Every list is named, so that none is forgotten.
    fn extend(&mut self, more: Self) {
        let Self {
            teardown,
            end,
            not_events,
            repeat,
            long_lived,
            set_up,
            long_lived_ends,
            injects,
            injected,
            injecting,
            last_words,
            event_moods,
            leads_outside,
            given_by_parent,
            event_types,
            global_objects,
            amd_loaders,
            gives_page,
            draws_children,
            shows_content,
            removes_for_event,
            gives_again,
            component_options,
            sets_attributes,
            state_members,
            makes_elements,
            finds_within,
            loads_once,
            reference_members,
            finds_elements,
            only_nodes_have,
            managed_listening,
            needs_handler,
            gives_value,
            ends_stream,
            callback_names,
            ending_events,
            states,
            gesture_ends,
            gesture_begins,
            answers_once,
            shuts,
            element_words,
            lends,
            gives_back,
            settles_call,
            toggles,
            toggled,
            opposites,
            set_with,
            counterparts,
            grow,
            shrink,
            empty,
            take,
            copy,
            look_up,
            removal,
            react,
            deferred,
            ending_names,
            process_ends,
            told_to_end,
            lent_promises,
            inert,
            made_to_use,
            logs,
            state_hooks,
            memo_hooks,
            ref_hooks,
            callback_hooks,
            value_hooks,
            fresh_key,
            few_types,
            global_modules,
            same_modules,
            event_first,
            exposes,
            tails,
            indexes,
            compiles,
            wrapped_pages,
            hears,
            beginnings,
            few_keys,
            own_keys,
            own_ends,
            rejects,
            clocks,
            weak_references,
            element_reads,
            element_lists,
            boxes,
            text_types,
            text_members,
            gives_text,
            message_properties,
            message_events,
            light_names,
            gives_texts,
            makes_nodes,
            leads_back,
            whole_of_texts,
            last,
            membership,
            read,
            on_success,
            read_arguments,
            declared_elsewhere,
            never_rejects,
            keeps_disposables,
            ends_process,
            quits,
            windows,
            all_windows,
            last_window_events,
            window_events,
            settled,
            gives_up,
            gives_up_by,
            races,
            soon,
            mounts,
            one_for_name,
            makes,
            sets_going,
            defines_property,
            set_words,
            value_methods,
            hook_words,
            hangups,
            only_when_done,
            promised,
            error_names,
            weak_teardown,
            single,
            contents,
            searches,
            either_way,
            page_selectors,
            presses,
            sets_state,
            comes_back,
            node_goes,
            node_parts,
            once_events,
            takes_text_apart,
            told_by_arguments,
            recurring_events,
            flow_events,
            ready_events,
            tells,
            yes_or_no,
            questions,
            undo_methods,
            narrow,
            one_for_one,
            few_valued,
            once_properties,
            answer_properties,
            finds,
            asks_own,
            mount_options,
            part_events,
            gathered_at,
            listener_checks,
            startup,
            node_attributes,
            node_members,
            node_asks,
            page,
            own_elements,
            page_parts,
            written,
            node_puts,
            node_takes,
            node_uses,
        } = more;
        self.teardown.extend(teardown);
        self.end.extend(end);
        self.not_events.extend(not_events);
        self.repeat.extend(repeat);
        self.long_lived.extend(long_lived);
        self.set_up.extend(set_up);
        self.long_lived_ends.extend(long_lived_ends);
        self.injects.extend(injects);
        self.injected.extend(injected);
        self.injecting.extend(injecting);
        self.last_words.extend(last_words);
        self.event_moods.extend(event_moods);
        self.leads_outside.extend(leads_outside);
        self.given_by_parent.extend(given_by_parent);
        self.event_types.extend(event_types);
        self.global_objects.extend(global_objects);
        self.amd_loaders.extend(amd_loaders);
        self.gives_page.extend(gives_page);
        self.draws_children.extend(draws_children);
        self.shows_content.extend(shows_content);
        self.removes_for_event.extend(removes_for_event);
        self.gives_again.extend(gives_again);
        self.component_options.extend(component_options);
        self.sets_attributes.extend(sets_attributes);
        self.state_members.extend(state_members);
        self.makes_elements.extend(makes_elements);
        self.finds_within.extend(finds_within);
        self.loads_once.extend(loads_once);
        self.reference_members.extend(reference_members);
        self.finds_elements.extend(finds_elements);
        self.only_nodes_have.extend(only_nodes_have);
        self.managed_listening.extend(managed_listening);
        self.needs_handler.extend(needs_handler);
        self.gives_value.extend(gives_value);
        self.ends_stream.extend(ends_stream);
        self.callback_names.extend(callback_names);
        self.ending_events.extend(ending_events);
        self.states.extend(states);
        self.gesture_ends.extend(gesture_ends);
        self.gesture_begins.extend(gesture_begins);
        self.answers_once.extend(answers_once);
        self.shuts.extend(shuts);
        self.element_words.extend(element_words);
        self.lends.extend(lends);
        self.gives_back.extend(gives_back);
        self.settles_call.extend(settles_call);
        self.toggles.extend(toggles);
        self.toggled.extend(toggled);
        self.opposites.extend(opposites);
        self.set_with.extend(set_with);
        self.counterparts.extend(counterparts);
        self.grow.extend(grow);
        self.shrink.extend(shrink);
        self.empty.extend(empty);
        self.take.extend(take);
        self.copy.extend(copy);
        self.look_up.extend(look_up);
        self.removal.extend(removal);
        self.react.extend(react);
        self.deferred.extend(deferred);
        self.ending_names.extend(ending_names);
        self.process_ends.extend(process_ends);
        self.told_to_end.extend(told_to_end);
        self.lent_promises.extend(lent_promises);
        self.inert.extend(inert);
        self.made_to_use.extend(made_to_use);
        self.logs.extend(logs);
        self.state_hooks.extend(state_hooks);
        self.memo_hooks.extend(memo_hooks);
        self.ref_hooks.extend(ref_hooks);
        self.callback_hooks.extend(callback_hooks);
        self.value_hooks.extend(value_hooks);
        self.fresh_key.extend(fresh_key);
        self.few_types.extend(few_types);
        self.global_modules.extend(global_modules);
        self.same_modules.extend(same_modules);
        self.event_first.extend(event_first);
        self.exposes.extend(exposes);
        self.tails.extend(tails);
        self.indexes.extend(indexes);
        self.compiles.extend(compiles);
        self.wrapped_pages.extend(wrapped_pages);
        self.hears.extend(hears);
        self.beginnings.extend(beginnings);
        self.few_keys.extend(few_keys);
        self.own_keys.extend(own_keys);
        self.own_ends.extend(own_ends);
        self.rejects.extend(rejects);
        self.clocks.extend(clocks);
        self.weak_references.extend(weak_references);
        self.element_reads.extend(element_reads);
        self.element_lists.extend(element_lists);
        self.boxes.extend(boxes);
        self.text_types.extend(text_types);
        self.text_members.extend(text_members);
        self.gives_text.extend(gives_text);
        self.message_properties.extend(message_properties);
        self.message_events.extend(message_events);
        self.light_names.extend(light_names);
        self.gives_texts.extend(gives_texts);
        self.makes_nodes.extend(makes_nodes);
        self.leads_back.extend(leads_back);
        self.whole_of_texts.extend(whole_of_texts);
        self.last.extend(last);
        self.membership.extend(membership);
        self.read.extend(read);
        self.on_success.extend(on_success);
        self.read_arguments.extend(read_arguments);
        self.declared_elsewhere.extend(declared_elsewhere);
        self.never_rejects.extend(never_rejects);
        self.keeps_disposables.extend(keeps_disposables);
        self.ends_process.extend(ends_process);
        self.quits.extend(quits);
        self.windows.extend(windows);
        self.all_windows.extend(all_windows);
        self.last_window_events.extend(last_window_events);
        self.window_events.extend(window_events);
        self.settled.extend(settled);
        self.gives_up.extend(gives_up);
        self.gives_up_by.extend(gives_up_by);
        self.races.extend(races);
        self.soon.extend(soon);
        self.mounts.extend(mounts);
        self.one_for_name.extend(one_for_name);
        self.makes.extend(makes);
        self.sets_going.extend(sets_going);
        self.defines_property.extend(defines_property);
        self.set_words.extend(set_words);
        self.value_methods.extend(value_methods);
        self.hook_words.extend(hook_words);
        self.hangups.extend(hangups);
        self.only_when_done.extend(only_when_done);
        self.promised.extend(promised);
        self.error_names.extend(error_names);
        self.weak_teardown.extend(weak_teardown);
        self.single.extend(single);
        self.contents.extend(contents);
        self.searches.extend(searches);
        self.either_way.extend(either_way);
        self.page_selectors.extend(page_selectors);
        self.presses.extend(presses);
        self.sets_state.extend(sets_state);
        self.comes_back.extend(comes_back);
        self.node_goes.extend(node_goes);
        self.node_parts.extend(node_parts);
        self.once_events.extend(once_events);
        self.takes_text_apart.extend(takes_text_apart);
        self.told_by_arguments.extend(told_by_arguments);
        self.recurring_events.extend(recurring_events);
        self.flow_events.extend(flow_events);
        self.ready_events.extend(ready_events);
        self.tells.extend(tells);
        self.yes_or_no.extend(yes_or_no);
        self.questions.extend(questions);
        self.undo_methods.extend(undo_methods);
        self.narrow.extend(narrow);
        self.one_for_one.extend(one_for_one);
        self.few_valued.extend(few_valued);
        self.once_properties.extend(once_properties);
        self.answer_properties.extend(answer_properties);
        self.finds.extend(finds);
        self.asks_own.extend(asks_own);
        self.mount_options.extend(mount_options);
        self.part_events.extend(part_events);
        self.gathered_at.extend(gathered_at);
        self.listener_checks.extend(listener_checks);
        self.startup.extend(startup);
        self.node_attributes.extend(node_attributes);
        self.node_members.extend(node_members);
        self.node_asks.extend(node_asks);
        self.page.extend(page);
        self.own_elements.extend(own_elements);
        self.page_parts.extend(page_parts);
        self.written.extend(written);
        self.node_puts.extend(node_puts);
        self.node_takes.extend(node_takes);
        self.node_uses.extend(node_uses);
    }
}

fn parse(text: &str) -> Result<CallPattern, TableError> {
    CallPattern::parse(text).map_err(TableError)
}

fn index(tables: &mut Tables) -> Result<(), TableError> {
    for (i, row) in tables.types.iter().enumerate() {
        let id = TypeId(i as u32);
        tables.type_index.entry(row.name.clone()).or_insert(id);
        for name in &row.injected {
            tables.injected_index.entry(name.clone()).or_insert(id);
        }
        for class in &row.classes {
            tables.class_index.entry(class.clone()).or_insert(id);
        }
        for name in &row.annotations {
            tables.annotation_index.entry(name.clone()).or_insert(id);
        }
    }
    let known = |name: &str| tables.type_index.contains_key(name);
    for row in &tables.types {
        for name in row
            .extends
            .iter()
            .chain(row.gives.values())
            .filter(|n| n.as_str() != "this")
        {
            if !known(name) {
                return Err(TableError(format!(
                    "type `{}` names the unknown type `{name}`",
                    row.name
                )));
            }
        }
    }
    for (i, row) in tables.values.iter().enumerate() {
        if let Some(name) = row.type_name.as_deref().filter(|n| !known(n)) {
            return Err(TableError(format!(
                "value `{}` has the unknown type `{name}`",
                row.at.join(", ")
            )));
        }
        for at in &row.at {
            tables.value_index.entry(at.clone()).or_insert(i);
        }
    }
    for (i, row) in tables.sizes.iter().enumerate() {
        for of in &row.of {
            tables.size_index.entry(of.clone()).or_insert(i);
        }
    }
    for (row, pair) in tables.pairs.iter().enumerate() {
        for text in &pair.acquire {
            let pattern = parse(text)?;
            if let super::Base::Method(name) = &pattern.base
                && !known(name)
            {
                return Err(TableError(format!("`{text}` names the unknown type `{name}`")));
            }
            tables
                .acquire_index
                .entry(pattern.last().to_owned())
                .or_default()
                .push(Entry { pattern, row });
        }
        for name in pair.acquire_names.iter().filter(|_| pair.own_signal) {
            tables.own_signal_index.entry(name.clone()).or_default().push(row);
        }
        let releases = pair.release.iter().map(|t| parse(t)).collect::<Result<Vec<_>, _>>()?;
        for (index, pattern) in releases.iter().enumerate() {
            let named = tables.release_index.entry(pattern.last().to_owned());
            named.or_default().push((row, index));
        }
        tables.releases.push(releases);
    }
    for (row, context) in tables.contexts.iter().enumerate() {
        for text in &context.call {
            let pattern = parse(text)?;
            tables
                .context_index
                .entry(pattern.last().to_owned())
                .or_default()
                .push(Entry { pattern, row });
        }
    }
    for (row, context) in tables.contexts.iter().enumerate() {
        let signatures = context.signatures.iter().cloned();
        tables.signatures.extend(signatures.map(|names| (row, names)));
    }
    tables.teardown_names = tables.conventions.teardown.iter().cloned().collect();
    tables.repeat_names = tables.conventions.repeat.iter().cloned().collect();
    // What is known of a receiver goes before what its method's name makes one guess.
    for entries in tables.context_index.values_mut() {
        entries.sort_by_key(|entry| tables.contexts[entry.row].guess);
    }
    let mut globs = globset::GlobSetBuilder::new();
    for (row, context) in tables.contexts.iter().enumerate() {
        for text in &context.files {
            let glob = globset::GlobBuilder::new(text).literal_separator(true).build();
            globs.add(glob.map_err(|e| TableError(format!("`{text}`: {e}")))?);
            tables.file_rows.push(row);
        }
    }
    tables.file_globs = globs.build().map_err(|e| TableError(e.to_string()))?;
    for (row, wrapper) in tables.wrappers.iter().enumerate() {
        for text in &wrapper.call {
            let pattern = parse(text)?;
            tables
                .wrapper_index
                .entry(pattern.last().to_owned())
                .or_default()
                .push(Entry { pattern, row });
        }
    }
    index_scopes(tables)?;
    for row in &tables.in_scope {
        let whole = row.whole.iter().map(|name| (name, true));
        let named = row.names.iter().map(|name| (name, false));
        let entries = whole
            .chain(named)
            .map(|(name, whole)| (name.clone(), (row.module.as_str().into(), whole)));
        tables.in_scope_index.extend(entries);
    }
    for (row, operator) in tables.operators.iter().enumerate() {
        for name in &operator.names {
            tables.operator_index.entry(name.clone()).or_default().push(row);
        }
    }
    index_globals(tables);
    Ok(())
}

fn index_globals(tables: &mut Tables) {
    let acquire = tables.acquire_index.values().flatten();
    let entries = acquire
        .chain(tables.context_index.values().flatten())
        .chain(tables.wrapper_index.values().flatten())
        .chain(tables.scope_index.values().flatten());
    let patterns = entries.map(|e| &e.pattern).chain(tables.releases.iter().flatten());
    let called = patterns.filter(|p| p.base == Base::Global).map(|p| p.path.as_str());
    let paths = (tables.value_index.keys())
        .chain(tables.class_index.keys())
        .chain(tables.size_index.keys());
    let paths = paths.map(String::as_str).filter(|path| !path.contains([':', '#']));
    let first = |path: &str| path.split(['.', '(']).next().unwrap_or_default().to_owned();
    tables.global_names = called.chain(paths).map(first).collect();
}

fn index_scopes(tables: &mut Tables) -> Result<(), TableError> {
    for (row, scope) in tables.scopes.iter().enumerate() {
        for text in &scope.call {
            let pattern = parse(text)?;
            let named = tables.scope_index.entry(pattern.last().to_owned());
            named.or_default().push(Entry { pattern, row });
        }
    }
    let is_scope = |name: &String| tables.scopes.iter().any(|s| s.name == *name);
    match tables.pairs.iter().flat_map(|p| &p.within).find(|n| !is_scope(n)) {
        Some(name) => Err(TableError(format!("a pair names the unknown scope `{name}`"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Base;

    #[test]
    fn builtin_tables_load() {
        let tables = builtin().unwrap();
        let known = |name: &str| tables.type_named(name).is_some();
        for row in tables.contexts.iter().flat_map(|c| &c.params) {
            assert!(row.is_empty() || known(row), "a context names the unknown type `{row}`");
        }
        let patterns = (tables.context_index.values().flatten().map(|e| &e.pattern))
            .chain(tables.wrapper_index.values().flatten().map(|e| &e.pattern))
            .chain(tables.scope_index.values().flatten().map(|e| &e.pattern))
            .chain(tables.releases.iter().flatten());
        for pattern in patterns {
            if let Base::Method(name) = &pattern.base {
                assert!(known(name), "`{pattern:?}` names the unknown type `{name}`");
            }
        }
    }

    #[test]
    fn no_row_repeats_a_name() {
        let tables = builtin().unwrap();
        let mut seen = std::collections::HashSet::new();
        for name in tables.types.iter().map(|t| format!("type {}", t.name)) {
            assert!(seen.insert(name.clone()), "{name} stands twice");
        }
        for row in &tables.types {
            for class in &row.classes {
                assert!(seen.insert(format!("class {class}")), "class {class} stands twice");
            }
        }
        for at in tables.values.iter().flat_map(|v| &v.at) {
            assert!(seen.insert(format!("value {at}")), "value {at} stands twice");
        }
        for text in tables.pairs.iter().flat_map(|p| &p.acquire) {
            assert!(seen.insert(format!("pair {text}")), "pair {text} stands twice");
        }
    }

    /// The linker drops `default` before another name, and the qualifier of an annotation.
    #[test]
    fn rows_write_paths_as_the_linker_does() {
        let tables = builtin().unwrap();
        let paths = (tables.types.iter().flat_map(|t| &t.classes))
            .chain(tables.values.iter().flat_map(|v| &v.at))
            .chain(tables.pairs.iter().flat_map(|p| p.acquire.iter().chain(&p.release)))
            .chain(tables.contexts.iter().flat_map(|c| &c.call))
            .chain(tables.scopes.iter().flat_map(|s| &s.call));
        for path in paths {
            assert!(!path.contains(":default."), "`{path}` can never match");
            let bare = path.trim_start_matches("new ");
            assert!(
                !bare.starts_with("window.") && !bare.starts_with("node:"),
                "`{path}` can never match"
            );
        }
        for name in tables.types.iter().flat_map(|t| &t.annotations) {
            assert!(!name.contains('.'), "the annotation `{name}` can never match");
        }
    }

    #[test]
    fn every_row_says_its_source() {
        let tables = builtin().unwrap();
        let sources = (tables.types.iter().map(|r| &r.source))
            .chain(tables.values.iter().map(|r| &r.source))
            .chain(tables.pairs.iter().map(|r| &r.source))
            .chain(tables.contexts.iter().map(|r| &r.source))
            .chain(tables.lifecycles.iter().map(|r| &r.source))
            .chain(tables.wrappers.iter().map(|r| &r.source))
            .chain(tables.operators.iter().map(|r| &r.source))
            .chain(tables.sizes.iter().map(|r| &r.source))
            .chain(tables.scopes.iter().map(|r| &r.source))
            .chain(tables.in_scope.iter().map(|r| &r.source));
        for source in sources {
            assert!(
                source.starts_with("https://") || source.starts_with("http://"),
                "`{source}` is no address"
            );
        }
    }
}
