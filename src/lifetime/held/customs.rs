//! What most owners of a part do: they end it with themselves. Whether the part holds something often cannot be read;
//! where several classes call its teardown from theirs, the one that does not has forgotten it.

use crate::facts::Node;
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Evidence, Judge};
use crate::link::{Func, Memo, OwnerId, Ref, Root};

/// How many other owners at least have to end such a part.
const MIN_OWNERS: usize = 3;

/// How many owners have to end such a part for each that does not.
const MIN_SHARE: usize = 2;

/// How many places where objects of a class are made are looked at.
const MAX_MADE: usize = 200;

/// What the owners of the parts of a class do with them.
#[derive(Clone, Debug, Default)]
pub(in crate::lifetime) struct Custom {
    /// The owners whose teardown ends a part, and where the first of them does.
    enders: Vec<(OwnerId, Ref)>,
    /// How many of these lend theirs to others all the same.
    lenders: usize,
    /// How many owners have a teardown that does not.
    others: usize,
}

/// What is known of classes so far.
pub(in crate::lifetime) type Customs = Memo<OwnerId, Custom>;

impl Judge<'_> {
    /// Where another owner ends its part of a class, as most owners of one do.
    pub(in crate::lifetime) fn ended_by_most(&self, made: Ref, owner: OwnerId, class: OwnerId) -> Option<Evidence> {
        let find = || {
            self.project
                .remembered(&self.customs, class, || self.find_custom(class))
        };
        let custom = self.customs.get(&class).unwrap_or_else(find);
        let flow = self.flow_of_child(made);
        if self.hands_child_on(made, &flow).is_some()
            && (2 * custom.lenders < custom.enders.len() || !self.only_lends(made, &flow))
        {
            return None;
        }
        if self.teardowns(owner).0.is_empty() {
            return None;
        }
        let mut enders = custom
            .enders
            .iter()
            .filter(|(o, _)| !self.project.is_related(*o, owner));
        let (_, at) = *enders.next()?;
        let count = 1 + enders.count();
        (count >= MIN_OWNERS && count >= MIN_SHARE * custom.others).then(|| Evidence {
            role: Role::Release,
            at,
            text: format!("{count} other classes end theirs with themselves, as here"),
        })
    }

    fn find_custom(&self, class: OwnerId) -> Custom {
        let mut custom = Custom::default();
        if !self.reaches_out(class) {
            return custom;
        }
        let mut others: Vec<OwnerId> = Vec::new();
        let made = self.project.constructions(class).into_iter();
        for call in made
            .filter(|call| !self.project.is_test_of(call.file, class.file))
            .take(MAX_MADE)
        {
            let Scope::Owner { owner, .. } = self.scope_of_child(call) else {
                continue;
            };
            let (teardowns, _) = self.teardowns(owner);
            let flow = self.flow_of_child(call);
            let Some(row) = self.owned_row().filter(|_| !teardowns.is_empty()) else {
                continue;
            };
            let releases = self.releases_of(&self.owned_acquisition(call, row, class), &flow);
            let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
            let reach = self.project.reach(&teardowns);
            let ended = right.iter().find(|r| reach.contains(&self.project.function_at(r.at)));
            let is_known = |o: OwnerId| custom.enders.iter().any(|(known, _)| *known == o);
            match ended {
                Some(r) if !is_known(owner) => {
                    custom.enders.push((owner, r.at));
                    custom.lenders += usize::from(self.hands_child_on(call, &flow).is_some());
                }
                None if right.is_empty() && self.only_lends(call, &flow) && !others.contains(&owner) => {
                    others.push(owner);
                }
                _ => {}
            }
        }
        custom.enders.sort_by_key(|(_, at)| *at);
        custom.others = others.len();
        custom
    }

    /// Whether a method of a class hands what it is given a function of its own, or itself: others may hold its objects. One
    /// that only collects the functions of others, as an emitter does, is held by nobody.
    fn reaches_out(&self, class: OwnerId) -> bool {
        self.project.lineage(class).into_iter().any(|o| {
            let mut members = self.project.owner(o).members.iter().filter_map(|m| m.function);
            members.any(|function| {
                let f = Func { file: o.file, function };
                let calls = self.project.calls_in(f).iter();
                calls
                    .map(|&node| Ref { file: f.file, node })
                    .any(|call| self.hands_itself_to_given(call, f))
            })
        })
    }

    /// `given.connect(this.handler, this)`, `this.listenTo(given, 'event', () => ...)`
    fn hands_itself_to_given(&self, call: Ref, f: Func) -> bool {
        let Some((callee, args)) = self.callee_of(call) else {
            return false;
        };
        let is_given = |at: Ref| {
            let root = self.project.place(at).root;
            matches!(root, Root::Binding(file, b) if self.project.param_position(file, b).is_some_and(|(g, _)| g == f))
        };
        let is_own = |at: &Ref| match self.project.node(*at) {
            Node::This | Node::Function(_) => true,
            Node::Member { object, .. } => self.project.node(Ref { node: object, ..*at }) == Node::This,
            _ => false,
        };
        let conventions = &self.project.tables.conventions;
        let mut plain = conventions
            .grow
            .iter()
            .chain(&conventions.read)
            .chain(&conventions.react);
        let is_plain = self
            .project
            .last_name(callee)
            .is_some_and(|name| plain.any(|p| p == name));
        let to_given = match self.project.node(callee) {
            Node::Member { object, .. } => is_given(Ref { node: object, ..callee }),
            _ => false,
        };
        !is_plain && args.iter().any(is_own) && (to_given || args.iter().any(|a| is_given(*a)))
    }

    /// Whether nobody gets a made object for good: it is an argument, or a part of one, of calls that collect nothing.
    fn only_lends(&self, made: Ref, flow: &Flow) -> bool {
        if flow.other || flow.taken_apart || !flow.returned.is_empty() || !flow.collections.is_empty() {
            return false;
        }
        let files = self.release_files(made, &flow.places);
        let mut reads = flow.places.iter().flat_map(|place| self.references_to(place, &files));
        reads.all(|read| !self.is_handed_on(read) || self.is_lent_at(read))
    }

    /// Whether a read is an argument, or a property of an object that is one, of a call that does not collect it.
    fn is_lent_at(&self, read: Ref) -> bool {
        let facts = self.project.facts(read.file);
        let mut at = read.node;
        let mut up = facts.parent(at);
        if matches!(facts.node(up), Node::Property { value, .. } if value == at) {
            at = facts.parent(up);
            up = facts.parent(at);
        }
        let Node::Call { callee, .. } = facts.node(up) else {
            return false;
        };
        let conventions = &self.project.tables.conventions;
        let mut keeps = conventions.grow.iter().chain(&conventions.keeps_disposables);
        let collects = match facts.node(callee) {
            Node::Member { property, .. } => keeps.any(|k| k == facts.name(property)),
            _ => false,
        };
        callee != at && !collects
    }
}
