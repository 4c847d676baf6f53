//! The rows of the tables, as they are written: types, pairs, contexts, lifecycles, wrappers, operators, conventions.

use serde::Deserialize;

/// How often code runs, as far as a row says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Every {
    /// At once, as part of the call (`forEach`, `then`).
    Call,
    /// For each request.
    Request,
    /// For each connection.
    Connection,
    /// For each message or job.
    Message,
    /// At each tick of a clock or time of a schedule.
    Tick,
    /// Again and again, because each run sets the next.
    Run,
    /// For each turn of a loop without an end.
    Turn,
    /// For each event of a user or an emitter.
    Event,
    /// For each time a component appears.
    Mount,
    /// For each time a component is drawn anew.
    Update,
    /// For each object of a class.
    Instance,
    /// Later, once for each time it was asked for (timers, promises).
    Later,
    /// Only once in the life of the process.
    Once,
}

/// What a call binds to the component that is being set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// A function that runs again when values change; it lives as long as they do.
    Watcher,
    /// Something that lives on by itself: a listener, a timer, an observer.
    Holder,
}

/// How long a value lives, as far as a row says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lives {
    /// Made by the call itself and held by nobody else.
    Fresh,
    /// As long as one request.
    Request,
    /// As long as one connection; longer than a request.
    Connection,
    /// As long as the object it is a part of.
    Part,
    /// As long as the application's view or another owner outside: longer than a component.
    Outer,
    /// As long as the process or page.
    Process,
}

/// A type that rows speak of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TypeRow {
    /// Its name in the tables.
    pub name: String,
    /// Classes that make it: `module:Name`, or a global's path. They count in `new`, `extends` and annotations.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Names of annotations that are trusted wherever they come from.
    #[serde(default)]
    pub annotations: Vec<String>,
    /// Types whose methods it has too.
    #[serde(default)]
    pub extends: Vec<String>,
    /// Types of its parts: `"prop" = "Type"`, `"method()" = "Type"`; `"*"` is any other part.
    #[serde(default)]
    pub gives: std::collections::BTreeMap<String, String>,
    /// For signals: the methods of their source that give them.
    #[serde(default)]
    pub given_by: Vec<String>,
    /// Its values are streams, and those of types that extend it.
    pub stream: Option<StreamKind>,
    /// Names of parameters that an injector gives one of this type, each its own: `$scope`. Those without `$` count in
    /// files that name the framework.
    #[serde(default)]
    pub injected: Vec<String>,
    /// How variables and properties that hold one are called, or end, where nothing else says what they hold.
    #[serde(default)]
    pub named: Vec<String>,
    /// What they are parts of, by its name, where they end with it: `request`.
    #[serde(default)]
    pub not_of: Vec<String>,
    /// How long a value of this type lives when it is injected, imported or handed in.
    pub lives: Option<Lives>,
    /// Whether it is lent to many and never given away: who is handed one does not end it.
    #[serde(default)]
    pub shared: bool,
    /// Its events come seldom or never: waiting for one of them once is not the end of it.
    #[serde(default)]
    pub rare: bool,
    /// Its events that come at most once to each of its objects.
    #[serde(default)]
    pub says_once: Vec<String>,
    /// Whether each call that gives one gives another one, also for the same words: `matchMedia('print')`.
    #[serde(default)]
    pub anew: bool,
    /// Its objects stay by themselves, whoever lets go of them, while something listens to them or was begun on them: a
    /// client that polls.
    #[serde(default)]
    pub stays_heard: bool,
    /// Which argument of its constructor holds its objects while something listens to them: 2 of
    /// `new Contract(address, abi, provider)`.
    pub heard_through: Option<usize>,
    /// Whether it is only there to make others, which do not end with it: a builder.
    #[serde(default)]
    pub maker: bool,
    /// Whether it is only a view of what gives it, and lives as long as that: a collection of a database's client.
    #[serde(default)]
    pub view: bool,
    /// Whether it is plain data, read out of something: who has it has nothing to end.
    #[serde(default)]
    pub plain: bool,
    /// Methods that make it hold what they are given, until they are given something else.
    #[serde(default)]
    pub holds: Vec<String>,
    /// For what tells of one moment, as an event does: its members that are nodes of the page.
    #[serde(default)]
    pub nodes: Vec<String>,
    /// Properties to which values are assigned to be collected: `sink`.
    #[serde(default)]
    pub sinks: Vec<String>,
    /// Where the facts come from.
    pub source: String,
}

/// A value whose type and life are known: a global, an export of a package, the result of a call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ValueRow {
    /// `document.body`, `electron:ipcMain`, `document.createElement()`, `fs:createReadStream()`.
    pub at: Vec<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// How long it lives.
    pub lives: Lives,
    /// Its size in bytes is worth a word: file contents, buffers, parsed bodies.
    #[serde(default)]
    pub large: bool,
    /// What it gives is an object of the class that is its first argument.
    #[serde(default)]
    pub of_argument: bool,
    /// What it gives stands for its first argument, or for what the page finds by it: `$(window)`, `$('body')`.
    #[serde(default)]
    pub wraps_argument: bool,
    /// Where the facts come from.
    pub source: String,
}

/// How large what a call gives is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SizeRow {
    /// Calls and constructions, by path: `Buffer.alloc`, `buffer:Buffer.alloc`; or methods of any receiver: `#repeat`.
    pub of: Vec<String>,
    /// How large it is.
    pub size: Measure,
    /// For [`Measure::Elements`]: the bytes of one element; for [`Measure::Picture`]: of one pixel.
    #[serde(default)]
    pub bytes: u64,
    /// For [`Measure::Picture`]: the index of the argument that is the width; the height follows.
    #[serde(default)]
    pub width: usize,
    /// Where the facts come from.
    pub source: String,
}

/// What the size of a call's result is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// As many elements as the first argument says.
    Elements,
    /// About as large as the first argument.
    Argument,
    /// About as large as what the method is called on.
    Receiver,
    /// The text it is called on, as many times as the first argument says.
    Copies,
    /// Large as a rule, and no argument says it: all that a stream brought.
    Whole,
    /// A picture, as wide and as high as two arguments say; one of which neither is a number is a whole canvas.
    Picture,
}

/// What reads something to its end, and may stop before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drained {
    /// The method that hands it on: `pipe`.
    pub by: String,
    /// Types of the argument that may close at any time, and leave it as it is then.
    pub into: Vec<String>,
    /// What to call in its stead, in words.
    pub better: String,
}

/// What writes something to its end, and may stop before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filled {
    /// The method of it that takes what it writes to: `pipe`.
    pub by: String,
    /// Types of it that may break off at any time, and leave what they write to as it is then.
    pub from: Vec<String>,
    /// Events that come only once all is written: what ends it then ends nothing that is left half written.
    #[serde(default)]
    pub done: Vec<String>,
    /// What to call in its stead, in words.
    pub better: String,
}

/// An acquisition and what releases it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PairRow {
    /// The rule that reports it.
    pub rule: String,
    /// What is acquired, in words: `interval`, `listener`.
    pub what: String,
    /// Calls that acquire.
    pub acquire: Vec<String>,
    /// Calls that release. `handle` stands for what the acquisition gave; a method without a type is one on the handle.
    #[serde(default)]
    pub release: Vec<String>,
    /// Who holds it, in words, when it is not the receiver: `the timer list of the runtime`.
    pub holder: Option<String>,
    /// It ends by itself after a while: only an endless chain of it, or one that outlives its owner, is a leak.
    #[serde(default)]
    pub one_shot: bool,
    /// The method's name says enough where the receiver's type is unknown.
    #[serde(default)]
    pub bare: bool,
    /// The row of the project's own functions that keep an argument and give back what takes it out again.
    #[serde(default)]
    pub own: bool,
    /// The row of the project's own classes with a method that keeps a function and one that takes it out again.
    #[serde(default)]
    pub own_signal: bool,
    /// Of such a row, the names that the method which keeps it may have.
    #[serde(default)]
    pub acquire_names: Vec<String>,
    /// The row of objects of the project's own classes that hold something until their teardown is called; the
    /// releases are the names such a teardown may have.
    #[serde(default)]
    pub owned: bool,
    /// Its receiver is a stream: the sources it comes from and the operators between decide how long it lives.
    #[serde(default)]
    pub stream: bool,
    /// The row that is taken where a call is written like its acquisition on a receiver of unknown type; such a
    /// finding is at most medium.
    #[serde(default)]
    pub guess: bool,
    /// The row of what a framework ends with the component that is active when it begins, where none is.
    #[serde(default)]
    pub bound: bool,
    /// The row of what the code around it closes by a method of that name, whatever it is.
    #[serde(default)]
    pub inferred: bool,
    /// Its first function is held by what it reads, and runs again when that changes.
    #[serde(default)]
    pub tracks: bool,
    /// The row of event methods (`x.onSomething(listener)`) whose results other code of the project releases.
    #[serde(default)]
    pub told_elsewhere: bool,
    /// The row of what a field holds whose object's teardown ends it, whatever it is.
    #[serde(default)]
    pub told_by_end: bool,
    /// Nobody keeps one of these for the life of the process: each is for one piece of work (`createObjectURL`,
    /// a client of a pool).
    #[serde(default)]
    pub scoped: bool,
    /// Who is handed what it gives uses it and does not end it: a signal.
    #[serde(default)]
    pub lent: bool,
    /// Its result keeps nothing alive once nobody holds it: only its holder matters.
    #[serde(default)]
    pub collectable: bool,
    /// Members that take what it is made of as it is, on platforms that have them: `srcObject`.
    #[serde(default)]
    pub fallback_for: Vec<String>,
    /// The same function registered again counts once.
    #[serde(default)]
    pub idempotent: bool,
    /// Members of the options argument that end it: `once`, `signal`.
    #[serde(default)]
    pub ended_by: Vec<String>,
    /// It is acquired where no function is handed over; with one it ends by itself: `transaction(work)`.
    #[serde(default)]
    pub without_function: bool,
    /// Events of its own by whose names it might be over, and after which it goes on: the `error` of a worker.
    #[serde(default)]
    pub survives: Vec<String>,
    /// It ends by itself once it is read to the end, which who takes it in may not wait for.
    pub drained: Option<Drained>,
    /// It ends by itself once all is written to it, before which who writes may break off.
    pub filled: Option<Filled>,
    /// The argument that is a list which the handle is put into: 2 of `onDidClose(handler, thisArg, disposables)`.
    pub collected_in: Option<usize>,
    /// What follows the first release, where that only gives what has to be ended: `.forEach((track) => track.stop())`.
    pub followed_by: Option<String>,
    /// The method that ends each part of what the releases give: `stop`.
    pub ends_parts_by: Option<String>,
    /// When it has done its work, for what is released as soon as it was used.
    pub used: Option<String>,
    /// There is one for each key: another one takes the place of the first, or is refused.
    #[serde(default)]
    pub one_for_key: bool,
    /// Members of the options argument, of which one has to be there: `scrollTrigger`, `repeat=-1`, `*` for any. Without
    /// them there is nothing to end.
    #[serde(default)]
    pub only_with: Vec<String>,
    /// Members of the options argument with which there is nothing to end: `noServer`.
    #[serde(default)]
    pub not_with: Vec<String>,
    /// Its holder is not the receiver, and outlives it: a table of the library that the receiver's methods come from.
    #[serde(default)]
    pub apart: bool,
    /// Methods of it without which it holds nothing: `start`.
    #[serde(default)]
    pub begun_by: Vec<String>,
    /// Methods of it that ask it for work: what is asked waits for the next, and does not end by itself.
    #[serde(default)]
    pub asked_by: Vec<String>,
    /// Methods of it that open it: where one fails, it holds nothing.
    #[serde(default)]
    pub opened_by: Vec<String>,
    /// Properties of it of which one has to be set: `loop=true`. Without them it ends by itself.
    #[serde(default)]
    pub set_to: Vec<String>,
    /// Names of the scopes that take over what is acquired inside them.
    #[serde(default)]
    pub within: Vec<String>,
    /// Which argument of its handler is the handle: 1 of `new IntersectionObserver((entries, observer) => { ... })`.
    pub told: Option<usize>,
    /// Functions among its options that are told the handle: `onHidden` of `tippy(node, { onHidden: (tip) => ... })`.
    #[serde(default)]
    pub told_in: Vec<String>,
    /// Methods of the handle that are given what holds it from then on: `observe` of an observer.
    #[serde(default)]
    pub watches: Vec<String>,
    /// Where the facts come from.
    pub source: String,
    /// A program, if the generated one would not make sense: must contain the acquisition alone.
    pub example: Option<String>,
}

/// When a scope ends what was acquired inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeEnd {
    /// By itself: when its function comes back, or when the component goes.
    ByItself,
    /// When what the call gives is ended, by one of the releases of what was acquired.
    WithHandle,
    /// When the object is ended that it is a method of, which has a row of its own.
    WithReceiver,
}

/// Names that programs use without an import, because a tool or the runtime puts them in scope.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InScopeRow {
    /// The module whose exports they are.
    pub module: String,
    /// Names of exports: `useEffect`.
    #[serde(default)]
    pub names: Vec<String>,
    /// Names of the module as a whole: `React`.
    #[serde(default)]
    pub whole: Vec<String>,
    /// Where the facts come from.
    pub source: String,
}

/// Calls that run a function and take over what it acquires: `tidy(() => { ... })`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScopeRow {
    /// Its name in the tables.
    pub name: String,
    /// Calls; `handler` marks the function.
    pub call: Vec<String>,
    /// When it ends what it took over.
    pub ends: ScopeEnd,
    /// Where the facts come from.
    pub source: String,
}

/// Functions that run again and again, at once, or later: arguments of calls, exports of files that a framework looks
/// for, decorated methods.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContextRow {
    /// Calls; `handler` marks the function that runs, `handlers` marks it and all that follow, `{name|name.*}` marks
    /// functions inside an object, `setup` one whose result is its cleanup, `teardown` one that runs at the end of
    /// the owner, `maker` one that gives back the function that runs.
    #[serde(default)]
    pub call: Vec<String>,
    /// Globs of the files in which a framework looks for `exports`: `**/pages/api/**`.
    #[serde(default)]
    pub files: Vec<String>,
    /// Names of exported functions that it runs: `GET`, `default`, `default.fetch`.
    #[serde(default)]
    pub exports: Vec<String>,
    /// Names that say, where a file exports one of them too, that it is something else.
    #[serde(default)]
    pub not_beside: Vec<String>,
    /// Its files are ES modules: what `module.exports` gets is something else.
    #[serde(default)]
    pub es_modules: bool,
    /// Decorators of methods that it runs: `@nestjs/common:Get`.
    #[serde(default)]
    pub decorators: Vec<String>,
    /// Decorators of classes of which it runs the `methods`: `@nestjs/websockets:WebSocketGateway`.
    #[serde(default)]
    pub methods_of: Vec<String>,
    /// Those methods: `handleConnection`.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Places from which it runs whatever function is put there; a last `*` is any name: `$.fn.*`.
    #[serde(default)]
    pub stored: Vec<String>,
    /// Names of parameters by which functions that are exported or given back are of this kind, where nobody is seen
    /// to call them, and they call the last one or a method of it: `["req", "res", "next"]`.
    #[serde(default)]
    pub signatures: Vec<Vec<String>>,
    /// The first argument of its calls has to be a path: `'/users'`.
    #[serde(default)]
    pub behind_path: bool,
    /// Names of parameters of which its function has to have one list: `["req", "res"]`.
    #[serde(default)]
    pub named: Vec<Vec<String>>,
    /// Its exports, methods or places have names that others use too; a finding that rests on one is at most medium.
    #[serde(default)]
    pub guess: bool,
    /// The member of what a `setup` gives back that is its cleanup: `destroy`.
    pub ends_by: Option<String>,
    /// What the function gives back goes to nobody: a cleanup that it returns never runs.
    #[serde(default)]
    pub ignores_result: bool,
    /// What the call begins ends with the component that is being set up when it is called, and with nothing else.
    pub bound: Option<Bound>,
    /// How often it runs.
    pub every: Every,
    /// What tells which rows take turns: between two runs of a function of one there is a run of one of the other.
    pub turn: Option<String>,
    /// It runs when the program is about to end.
    #[serde(default)]
    pub at_program_end: bool,
    /// It runs once for each component, whatever changes later.
    #[serde(default)]
    pub once_mounted: bool,
    /// Members that tell whether what it waits for has come, and does not come again: `readyState`.
    #[serde(default)]
    pub told_by: Vec<String>,
    /// Types of the function's parameters; empty ones are unknown.
    #[serde(default)]
    pub params: Vec<String>,
    /// In words that go on after a verb, without a comma where they shall stand in a message: `for each HTTP request`.
    pub why: Option<String>,
    /// Where the facts come from.
    pub source: String,
}

/// A kind of object whose methods a framework calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LifecycleRow {
    /// In words: `React component`.
    pub name: String,
    /// Classes it extends: `react:Component`, `HTMLElement`.
    #[serde(default)]
    pub extends: Vec<String>,
    /// Decorators: `@angular/core:Component`.
    #[serde(default)]
    pub decorators: Vec<String>,
    /// Options of the decorator that make it another kind of object: `scope`.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Calls that take it as an object literal: `vue:defineComponent()`, `#extend()` for any receiver.
    #[serde(default)]
    pub object_of: Vec<String>,
    /// File kinds whose default export it is: `vue`.
    #[serde(default)]
    pub files: Vec<String>,
    /// Members that an object literal of this kind has at least one of, when nothing else tells it.
    #[serde(default)]
    pub members: Vec<String>,
    /// Methods that only one framework calls: a class whose base nobody sees is of this kind if it has one of them.
    #[serde(default)]
    pub class_members: Vec<String>,
    /// Sets of members that say the same where an object literal has all of one: `["props", "setup"]`.
    #[serde(default)]
    pub shapes: Vec<Vec<String>>,
    /// Calls whose `maker` gives back such an object, as the contexts write them: `AngularJsModule#directive(_, maker)`.
    #[serde(default)]
    pub given_by: Vec<String>,
    /// Hooks as they are written, `mounted(el)`, that say the same of an object literal all of whose functions are hooks
    /// of this kind: another kind's hooks of these names take fewer parameters.
    #[serde(default)]
    pub signatures: Vec<String>,
    /// The method that reads a field by its name: `get`.
    pub reads_by: Option<String>,
    /// The method that puts its second argument into a field by its name: `set`.
    pub writes_by: Option<String>,
    /// Methods that run once for each object.
    #[serde(default)]
    pub setup: Vec<String>,
    /// Methods that give back a function which runs once for each object.
    #[serde(default)]
    pub makers: Vec<String>,
    /// Methods that run again and again on one object.
    #[serde(default)]
    pub repeat: Vec<String>,
    /// Methods that run at its end.
    #[serde(default)]
    pub teardown: Vec<String>,
    /// Pairs of a method that runs again and again, and of one of those at the end that runs between two of its runs:
    /// `["activated", "deactivated"]`.
    #[serde(default)]
    pub turns: Vec<[String; 2]>,
    /// What older versions call the first of them.
    pub formerly: Option<String>,
    /// The type of its objects.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// Members whose functions are methods of the object: `methods`, `computed`.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Groups whose functions the framework calls again and again on one object: `watch`.
    #[serde(default)]
    pub reactions: Vec<String>,
    /// Decorators of fields that hold parts of the object: what they hold dies with it.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Objects of this kind are made by an injector: once for the application, or once for each object whose
    /// decorator lists the class under one of these names.
    #[serde(default)]
    pub provided_in: Vec<String>,
    /// Names in such a list under which a class stands that is not made for it: the injector has made it elsewhere, or
    /// hands it to a factory.
    #[serde(default)]
    pub not_provided_by: Vec<String>,
    /// What marks the one object that lives as long as the application: a call that takes the class
    /// (`module:call()`), or a name under which a decorator lists it.
    #[serde(default)]
    pub root: Vec<String>,
    /// Calls that start the class whose decorator lists it; where the project has such a call, no other class does.
    #[serde(default)]
    pub root_listed_by: Vec<String>,
    /// Options of the decorator, as `name=text`, that only that object has.
    #[serde(default)]
    pub root_options: Vec<String>,
    /// The option of the decorator that says under which tag templates draw such objects.
    pub tag_option: Option<String>,
    /// The option of the decorator that names the file of its template.
    pub template_option: Option<String>,
    /// Names under which a decorator lists a class that templates draw, and no code makes.
    #[serde(default)]
    pub listed_in: Vec<String>,
    /// Packages whose components are functions that run once for each mount: those of the files that import one.
    #[serde(default)]
    pub functions_with: Vec<String>,
    /// Calls that draw a component on the page, as `module:call()` or `Type#method()`: one that start-up code draws, and
    /// no other component, is made once.
    #[serde(default)]
    pub drawn_by: Vec<String>,
    /// Calls that write an element where others write markup, as `module:call()`: `preact:h()`. The first argument is its
    /// tag, the second its properties, the others are its children.
    #[serde(default)]
    pub written_by: Vec<String>,
    /// No framework makes such objects, but the program's own code, by `new`: what only the start of the program makes is
    /// made once.
    #[serde(default)]
    pub made_by_new: bool,
    /// Calls and decorators that define such objects under a tag, as `module:call()`: there may be one in the page.
    #[serde(default)]
    pub tagged_by: Vec<String>,
    /// Types of the parameters of its methods; empty ones are unknown.
    #[serde(default)]
    pub params: Vec<String>,
    /// How often such objects are made.
    pub every: Every,
    /// Where the facts come from.
    pub source: String,
}

/// How often a function runs that stands for another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runs {
    /// Whenever somebody calls it, at once or later.
    #[default]
    AtCalls,
    /// At the first call only.
    Once,
    /// Once for each argument.
    OnceForEachArgument,
}

/// Functions that give back one of their arguments, or a function that calls it: `debounce(f)`, `useCallback(f)`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrapperRow {
    /// Calls; `handler` marks the function wrapped.
    pub call: Vec<String>,
    /// Whether the result is the same at each call (`useCallback`) or another one (`debounce`).
    #[serde(default)]
    pub stable: bool,
    /// How often the result runs the function.
    #[serde(default)]
    pub runs: Runs,
    /// Where the facts come from.
    pub source: String,
}

/// Whether streams of a type end by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamKind {
    /// Nobody says.
    Open,
    /// They do.
    Completing,
}

/// What an operator or a combining function does to the life of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamEffect {
    /// Ends it when its first argument, another stream, gives a value.
    EndsByNotifier,
    /// Ends it with the owner that calls it or is its argument.
    EndsWithOwner,
    /// Ends it after a while, or with its first answer.
    EndsByItself,
    /// Ends it at the next value after a condition has changed.
    EndsOnCondition,
    /// A completed stream begins anew.
    Restarts,
    /// Streams among its arguments go on within it.
    AddsArguments,
    /// Streams that its function gives go on within it.
    AddsResults,
    /// Changes values, not lives.
    Passes,
    /// Applies the operators that are its arguments.
    Applies,
    /// A new stream: it lives as long as one of the streams among its arguments does.
    Combines,
    /// A new stream: it ends as soon as one of the streams among its arguments does.
    Zips,
    /// A new stream: what its function gives.
    Defers,
    /// A new stream of the events of its first argument: it lives as long as that.
    Listens,
    /// A new stream that ends if it is given one argument only.
    EndsUnlessRepeated,
}

/// Operators and functions that make streams.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OperatorRow {
    /// Their names: exports of the modules, and methods of streams.
    pub names: Vec<String>,
    /// The modules that export them; a `*` at the end stands for anything. A name `*` is every other export.
    pub modules: Vec<String>,
    /// What they do.
    pub effect: StreamEffect,
    /// Where the facts come from.
    pub source: String,
}

/// Names that mean something by convention only; a finding that rests on one is at most medium.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Conventions {
    /// Methods that end their object: `destroy`, `dispose`.
    pub teardown: Vec<String>,
    /// Methods that end what they are called on, and nothing less: `destroy`, `close`.
    pub end: Vec<String>,
    /// Those of them that mean other things as often: `reset`, `remove`. They release, but do not tell that objects
    /// of their class come to an end.
    pub weak_teardown: Vec<String>,
    /// Calls that give the same element for the same words, as long as it is on the page.
    pub searches: Vec<String>,
    /// Methods of promises that run their function whether they are fulfilled or rejected.
    pub either_way: Vec<String>,
    /// Selectors of elements that are there as long as the page is.
    pub page_selectors: Vec<String>,
    /// Properties of an element that stand for all that is in it: writing one puts new elements there.
    pub contents: Vec<String>,
    /// Calls by which an injector is told to make one object of a class only: `bind(X).inSingletonScope()`.
    pub single: Vec<String>,
    /// How the framework of the injector is called that hands things to parameters by their names: `angular`.
    pub injecting: Vec<String>,
    /// Names of parameters, with `$`, that an injector gives the same value wherever they stand: `$rootScope`.
    pub injected: Vec<String>,
    /// Methods that run again and again on one object: `start`, `render`.
    pub repeat: Vec<String>,
    /// Names of values that live as long as the process: `logger`, `app`.
    pub long_lived: Vec<String>,
    /// Names of what is one for the program, and what code that is handed it sets up: `app`.
    pub set_up: Vec<String>,
    /// Methods that give an object to something, each with the one that takes it back: `onAdd` and `onRemove`.
    pub opposites: Vec<(String, String)>,
    /// Properties that are set anew when another one of the same object is, each with that one: `search` and `href`.
    pub set_with: Vec<(String, String)>,
    /// First words of methods that add, each with that of the method which takes out again: `add` and `remove`.
    pub counterparts: Vec<(String, String)>,
    /// Calls in the file of a thread by which it ends, or waits for one message only: `parentPort.once()`.
    pub answers_once: Vec<String>,
    /// Members that change how something looks, or whether it can be pressed: `disabled`, `classList`.
    pub shuts: Vec<String>,
    /// Methods that show and hide: `toggle`.
    pub toggles: Vec<String>,
    /// Teardown methods that only hide where there is such a method: `close`.
    pub toggled: Vec<String>,
    /// Events that come at the end of a gesture, wherever it ends: `mouseup`, `touchend`.
    pub gesture_ends: Vec<String>,
    /// Events that begin a gesture, and may come a second time before its end: `mousedown`, `keydown`.
    pub gesture_begins: Vec<String>,
    /// Events that come each time the user presses, enters or drops something: `click`, `change`.
    pub presses: Vec<String>,
    /// Methods that set a field of their object, with the field: `setState` sets `state`.
    pub sets_state: Vec<(String, String)>,
    /// Events that something is there again, which was away: what was begun before has mostly ended by itself then.
    pub comes_back: Vec<String>,
    /// Beginnings of the names of methods that add an element to an object, each with that of what removes it again.
    pub element_words: Vec<(String, String)>,
    /// Methods by which a pool lends: `connect`, `getConnection`.
    pub lends: Vec<String>,
    /// Methods of what a pool lent that give it back: `release`.
    pub gives_back: Vec<String>,
    /// Methods of a promise that give a promise of the same value: `catch`, `finally`.
    pub settles_call: Vec<String>,
    /// Ends of the names of such values and of their types: `Service` in `themeService` and `ThemeService`.
    pub long_lived_ends: Vec<String>,
    /// Words for the end of something in the names of event methods, beside the events themselves: `disposed`.
    pub last_words: Vec<String>,
    /// Decorators of fields that an injector fills with what outlives the object.
    pub injects: Vec<String>,
    /// Beginnings of the names of event methods, after `on`: `Did` in `onDidClose`.
    pub event_moods: Vec<String>,
    /// Members of a node of a page by which one gets to what it stands in: `closest`, `parentElement`.
    #[serde(default)]
    pub leads_outside: Vec<String>,
    /// Fields of components through which they are told what to be: `this.props`.
    #[serde(default)]
    pub given_by_parent: Vec<String>,
    /// Types of members that are called with a listener and give a disposable: `Event<T>`.
    #[serde(default)]
    pub event_types: Vec<String>,
    /// Names of the global object: `globalThis`.
    pub global_objects: Vec<String>,
    /// Methods of an object by which it listens to others until its own end: `listenTo`.
    pub managed_listening: Vec<String>,
    /// Properties of a node, and functions of packages, that give the document or window it is part of, each with the
    /// path of that: `ownerDocument`.
    pub gives_page: Vec<(String, String)>,
    /// Members of what holds a node of a component's template: `current`, `value`.
    pub reference_members: Vec<String>,
    /// Fields of a component in which its state is: `state`.
    pub state_members: Vec<String>,
    /// Methods that give an attribute of an element a value: `setAttribute`.
    pub sets_attributes: Vec<String>,
    /// Methods that make an element of a tag: `createElement`.
    pub makes_elements: Vec<String>,
    /// Methods of a node, or of a wrapper around some, that give what is in it: `querySelector`.
    pub finds_within: Vec<String>,
    /// Tags of elements that load at most once in their life: `script`.
    pub loads_once: Vec<String>,
    /// Methods that look for an element by its tag, or whether it is defined: `querySelector`.
    pub finds_elements: Vec<String>,
    /// Members that say of a value that it is a node of a document: `parentNode`.
    pub only_nodes_have: Vec<String>,
    /// Ends of the names of components that draw their children whatever happens: `Provider`.
    pub draws_children: Vec<String>,
    /// Methods of an emitter that take off what listens to the event they are given: `removeListeners`.
    pub removes_for_event: Vec<String>,
    /// Beginnings of the names of functions that give what was there before: `getPlayer`, `useMap`.
    pub gives_again: Vec<String>,
    /// Elements of templates, of frameworks and of libraries, that show the content they are given whatever happens.
    pub shows_content: Vec<String>,
    /// Options of a component that tell its template the names of others: `components`.
    pub component_options: Vec<String>,
    /// Global functions that load the modules of a list and hand them to a function: `define`.
    pub amd_loaders: Vec<String>,
    /// Releases that need the very function, where others without one release all of an event.
    pub needs_handler: Vec<String>,
    /// Methods of a stream that one can write to which give it a value: `next`.
    pub gives_value: Vec<String>,
    /// Those which end it: `complete`.
    pub ends_stream: Vec<String>,
    /// Beginnings of the names of properties that hold callbacks: `on`, `handle`.
    pub callback_names: Vec<String>,
    /// Events that come at the end of their emitter: `close`, `end`.
    pub ending_events: Vec<String>,
    /// Properties by which something tells whether it is still of use: `readyState`, `closed`.
    pub states: Vec<String>,
    /// Names that begin with `on` like a handler's property and are words of their own.
    pub not_events: Vec<String>,
    /// Events that an emitter emits once in its life: whoever waits for one waits once for each emitter.
    pub once_events: Vec<String>,
    /// Those of them by which an object that nobody knows says that it is there: `ready`.
    pub ready_events: Vec<String>,
    /// Methods by which the program tells of an event: `emit`.
    pub tells: Vec<String>,
    /// Functions and methods that answer yes or no: `includes`.
    pub yes_or_no: Vec<String>,
    /// Words that others of the kind begin with: `is` in `isOpen`.
    pub questions: Vec<String>,
    /// Methods of a text that give its parts: `split`.
    pub takes_text_apart: Vec<String>,
    /// Functions and methods whose result is told by what they are given: `join`, `toLowerCase`.
    pub told_by_arguments: Vec<String>,
    /// Events that come again and again while their emitter lives: `drain`.
    pub recurring_events: Vec<String>,
    /// Those of them that a stream is waited for again and again while it flows: `drain`, `readable`.
    pub flow_events: Vec<String>,
    /// Methods that give a copy of a list with some elements left out: `filter`.
    pub narrow: Vec<String>,
    /// Methods of lists that give as many elements, one for each that is there: `map`.
    #[serde(default)]
    pub one_for_one: Vec<String>,
    /// Methods, called with nothing, by which what a registration gave back takes the listener off: `off`.
    pub undo_methods: Vec<String>,
    /// Members that have a few values in any program: `method`, `nodeName`.
    pub few_valued: Vec<String>,
    /// Properties that take a handler of what comes once in the life of an object: `onload`.
    pub once_properties: Vec<String>,
    /// Properties that take a handler of the answer to one request, or of its failure: `onerror`.
    pub answer_properties: Vec<String>,
    /// First words of functions that look up what is there already: `find`.
    pub finds: Vec<String>,
    /// Methods that tell whether an object has a key of its own: `hasOwnProperty`.
    pub asks_own: Vec<String>,
    /// Options that name the element in whose place a component is put: `el`.
    pub mount_options: Vec<String>,
    /// Events of an emitter that hand out a whole in parts: `data`.
    pub part_events: Vec<String>,
    /// Events that come when all parts have: `end`.
    pub gathered_at: Vec<String>,
    /// Methods that tell what is registered already: `listenerCount`.
    pub listener_checks: Vec<String>,
    /// First words of functions that run once, when a program starts: `main`, `setup`.
    pub startup: Vec<String>,
    /// Methods that add to a collection, take from it, or empty it.
    pub grow: Vec<String>,
    /// See `grow`.
    pub shrink: Vec<String>,
    /// Methods that empty a collection.
    pub empty: Vec<String>,
    /// Methods that take out the entry of the key, or the element, they are given.
    pub take: Vec<String>,
    /// Methods that give a copy of a collection.
    pub copy: Vec<String>,
    /// Methods that give the element of the key they are given.
    pub look_up: Vec<String>,
    /// Beginnings of the names of methods that end one element of many: `unsubscribe`, `remove`.
    pub removal: Vec<String>,
    /// Methods of a promise that add a reaction to it.
    pub react: Vec<String>,
    /// Functions that give a promise with its resolvers.
    pub deferred: Vec<String>,
    /// Beginnings of the names of promises that settle at the end of something: `closed`, `aborted`.
    pub ending_names: Vec<String>,
    /// Events at the end of the process.
    pub process_ends: Vec<String>,
    /// Signals that tell a program to end, and nothing else.
    pub told_to_end: Vec<String>,
    /// Promises of objects that are handed to many calls: `cancelToken.promise`.
    pub lent_promises: Vec<String>,
    /// Functions that look at what they are given and keep nothing: `console.log`.
    #[serde(default)]
    pub inert: Vec<String>,
    /// Functions and methods that make what uses what they are handed, and the name under which that has it:
    /// `MediaRecorder` and `stream`.
    #[serde(default)]
    pub made_to_use: Vec<(String, String)>,
    /// Functions and methods that write a message and what stands behind its words: `log.debug('open', socket)`.
    #[serde(default)]
    pub logs: Vec<String>,
    /// Hooks that give a component's state and what sets it: `react:useState`.
    #[serde(default)]
    pub state_hooks: Vec<String>,
    /// Hooks that keep what their function gives: `react:useMemo`.
    #[serde(default)]
    pub memo_hooks: Vec<String>,
    /// Hooks that keep what they are given in a property of what they give: `react:useRef`.
    #[serde(default)]
    pub ref_hooks: Vec<String>,
    /// Hooks that keep the function they are given until something in the list after it changes: `react:useCallback`.
    #[serde(default)]
    pub callback_hooks: Vec<String>,
    /// Hooks that give a component what changes outside it: `react-redux:useSelector`.
    #[serde(default)]
    pub value_hooks: Vec<String>,
    /// Functions that give another value at each call, made for use as a key.
    pub fresh_key: Vec<String>,
    /// Annotations of keys of which a program has only so many.
    pub few_types: Vec<String>,
    /// Modules that a global stands for, as a whole or by default, with at most one `*`, and the global: bundlers give
    /// the constructor of a worker for `*?worker`, the package `global/window` gives the page.
    pub global_modules: Vec<(String, String)>,
    /// Modules that export what another one does, with at most one `*`, and that one: `rxjs/Subject` is `rxjs`.
    #[serde(default)]
    pub same_modules: Vec<(String, String)>,
    /// Methods whose first argument is an event, of which an emitter has only so many, whatever the parameter is called.
    pub event_first: Vec<String>,
    /// Methods of lists that give what begins at an index: `slice`.
    pub tails: Vec<String>,
    /// Methods of lists that give the index of an element: `indexOf`.
    pub indexes: Vec<String>,
    /// Functions that give back one which makes nodes of the template they are given: `$compile`.
    pub compiles: Vec<String>,
    /// Wrappers around the page's document that are there by a name: `$document`.
    pub wrapped_pages: Vec<String>,
    /// Last words of events that come once as the program begins, beside those that tell that something is ready:
    /// `assets:load`.
    pub beginnings: Vec<String>,
    /// Methods that say when a function runs by the name of an event: `on`.
    pub hears: Vec<String>,
    /// Calls that put their second argument on the global object under the name that is their first:
    /// `electron:contextBridge.exposeInMainWorld`.
    pub exposes: Vec<String>,
    /// Ends of the names of keys of which a program has only so many: `locale`, `className`.
    pub few_keys: Vec<String>,
    /// Methods that say that their object is over as a whole: `destroy`, `close`.
    #[serde(default)]
    pub last: Vec<String>,
    /// Methods that give one of the elements of what they are called on.
    #[serde(default)]
    pub element_reads: Vec<String>,
    /// Methods that give a list of the same elements.
    #[serde(default)]
    pub element_lists: Vec<String>,
    /// Properties by which the one thing in a box is read: `ref.current`, `signal.value`.
    #[serde(default)]
    pub boxes: Vec<String>,
    /// Annotations of keys that are compared by what they say, not by what they are.
    #[serde(default)]
    pub text_types: Vec<String>,
    /// What texts and numbers have for members.
    #[serde(default)]
    pub text_members: Vec<String>,
    /// Calls that give a text, a number or a flag.
    #[serde(default)]
    pub gives_text: Vec<String>,
    /// Properties whose function is called for each message.
    #[serde(default)]
    pub message_properties: Vec<String>,
    /// Events that are messages, whatever they are heard on.
    #[serde(default)]
    pub message_events: Vec<String>,
    /// Methods that make a node that is no element: `createTextNode`.
    #[serde(default)]
    pub makes_nodes: Vec<String>,
    /// Methods that give a node a part which leads back to it, each with the property that does: `attachShadow` and `host`.
    #[serde(default)]
    pub leads_back: Vec<(String, String)>,
    /// Methods that give a list of texts.
    #[serde(default)]
    pub gives_texts: Vec<String>,
    /// Properties whose value has nothing but texts: `node.style`, `node.dataset`.
    #[serde(default)]
    pub whole_of_texts: Vec<String>,
    /// Names of what is a text or a number.
    #[serde(default)]
    pub light_names: Vec<String>,
    /// Names of keys of which each thing has its own: ids.
    #[serde(default)]
    pub own_keys: Vec<String>,
    /// Functions and classes that tell the time: `Date.now`.
    #[serde(default)]
    pub clocks: Vec<String>,
    /// Functions and methods that give a promise which is rejected: `Promise.reject`.
    #[serde(default)]
    pub rejects: Vec<String>,
    /// Events by which a thing tells that it is over itself: `exit`, `close`.
    #[serde(default)]
    pub own_ends: Vec<String>,
    /// Classes whose objects refer to a value and do not keep it: `WeakRef`.
    #[serde(default)]
    pub weak_references: Vec<String>,
    /// Methods that tell whether something is in a collection.
    #[serde(default)]
    pub membership: Vec<String>,
    /// Attributes of elements that hand over an object to hold the element: `ref`.
    pub node_attributes: Vec<String>,
    /// The member of such an object that is the element: `current`.
    pub node_members: Vec<String>,
    /// Methods of nodes that ask about another node: `contains`.
    pub node_asks: Vec<String>,
    /// What lives as long as the page and shows what is put into it: `document.body`.
    pub page: Vec<String>,
    /// Members by which a component has its own element.
    pub own_elements: Vec<String>,
    /// Tags of what belongs to the page, whoever puts it there: styles, scripts.
    pub page_parts: Vec<String>,
    /// Tags of what a page has to say: paragraphs, headings, lists.
    pub written: Vec<String>,
    /// Methods that put a node into another.
    pub node_puts: Vec<String>,
    /// Methods by which a node goes into another: `appendTo`.
    pub node_goes: Vec<String>,
    /// Methods of a library's nodes that leave them where they are, and give something else.
    pub node_parts: Vec<String>,
    /// Methods and functions that take a node out of where it is, or put another in its place.
    pub node_takes: Vec<String>,
    /// Methods and functions that a node is used with, and that leave it where it is.
    pub node_uses: Vec<String>,
    /// Methods that read a collection without keeping it.
    pub read: Vec<String>,
    /// Functions and methods that read what they are given and neither keep nor change it: `stringify`.
    pub read_arguments: Vec<String>,
    /// Names that hosts and module loaders declare: to assign one makes no new global.
    pub declared_elsewhere: Vec<String>,
    /// Methods of promises that run their first function only where all went well: `then`.
    pub on_success: Vec<String>,
    /// Functions and methods whose result, awaited, does not reject, by their last name or their path: `catch`,
    /// `allSettled`, `sleep`, `Promise.resolve`.
    pub never_rejects: Vec<String>,
    /// Methods, beside those that add, that take something over in order to dispose of it later.
    #[serde(default)]
    pub keeps_disposables: Vec<String>,
    /// Calls that do not come back: `process.exit`.
    pub ends_process: Vec<String>,
    /// Calls after which the program goes, when it has done what it is about: `electron:app.quit`.
    #[serde(default)]
    pub quits: Vec<String>,
    /// Classes of the windows of a program: `electron:BrowserWindow`.
    #[serde(default)]
    pub windows: Vec<String>,
    /// Calls that give all windows of the program: `electron:BrowserWindow.getAllWindows`.
    #[serde(default)]
    pub all_windows: Vec<String>,
    /// Events that tell that the last window is gone; where nobody listens to one, the program ends with it.
    #[serde(default)]
    pub last_window_events: Vec<String>,
    /// Events that tell that a window is gone: `closed`.
    #[serde(default)]
    pub window_events: Vec<String>,
    /// Options through which an awaited call is given up: `signal`.
    pub gives_up: Vec<String>,
    /// Names of methods that make work that was begun give up: what waits for it goes on with a failure.
    pub gives_up_by: Vec<String>,
    /// Classes whose objects the functions given to their constructor settle: `Promise`.
    pub settled: Vec<String>,
    /// Calls whose function runs, or whose promise settles, before anything else can happen: `nextTick`.
    pub soon: Vec<String>,
    /// First words of the names of methods whose effect others take back, to call them again: `start`.
    pub sets_going: Vec<String>,
    /// First words of the names of functions that make a new object at each call: `createServer`.
    pub makes: Vec<String>,
    /// Modules of libraries whose `on` sets the one function for a name; with a dash, the modules they are made of.
    pub one_for_name: Vec<String>,
    /// Calls that mount a component on the page: `vue:createApp`.
    pub mounts: Vec<String>,
    /// Calls of which the first of many that settles decides: `Promise.race`.
    pub races: Vec<String>,
    /// Members of a task that are a promise of what it is for, which ends with it: `getDocument(file).promise`.
    #[serde(default)]
    pub promised: Vec<String>,
    /// Names of the first parameter of callbacks that tells of an error: `err`.
    #[serde(default)]
    pub error_names: Vec<String>,
    /// Events of a connection that come when it ends, or may be all that comes then.
    #[serde(default)]
    pub hangups: Vec<String>,
    /// Events of an answer that come when it is through, and not when the other side hangs up before.
    #[serde(default)]
    pub only_when_done: Vec<String>,
    /// First words of methods that run for each new value they are given: `setSource`, `onFile`.
    #[serde(default)]
    pub set_words: Vec<String>,
    /// Names of methods that get another value each time: `load`.
    pub value_methods: Vec<String>,
    /// First words of functions that give each component that calls them something of its own: `useState`.
    #[serde(default)]
    pub hook_words: Vec<String>,
    /// Functions that define a property by its name and an object with its getter: `Object.defineProperty`.
    #[serde(default)]
    pub defines_property: Vec<String>,
}

impl Conventions {
    /// Whether an event by its name comes once for each thing that tells of it: `load`, `end`.
    pub fn comes_once(&self, event: &str) -> bool {
        let is_one_of = |events: &[String]| events.iter().any(|name| name == event);
        is_one_of(&self.once_events) || is_one_of(&self.ending_events)
    }

    /// Whether a method by its name takes a text apart: `split`.
    pub fn takes_apart(&self, method: &str) -> bool {
        self.takes_text_apart.iter().any(|name| name == method)
    }
}

impl PairRow {
    /// Whether its result ends it, whatever else may.
    pub fn is_released_by_result(&self) -> bool {
        let is_so = |r: &String| r.starts_with('#') && !r.contains("key") && !r.contains("handler");
        !self.release_is_on_target() || self.release.iter().any(is_so)
    }

    /// Whether it is released on the receiver of the acquisition rather than by its result.
    pub fn release_is_on_target(&self) -> bool {
        self.release.iter().any(|r| r.contains("key") || r.contains("handler"))
    }
}
