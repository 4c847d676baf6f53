//! Overrides: what `this.method()` in a base class runs on an object of a class that extends it.

use super::{Func, OwnerId, OwnerKind, Project, Ref, Use};
use crate::facts::Node;

impl Project {
    /// The methods of a class, or of one nearer to it, that run in the place of those a base class names, when some
    /// methods run on its objects: `this.onDestroy()` in the `ngOnDestroy` of the base. A root that is overridden
    /// itself runs only where `super` calls it.
    pub fn overrides_run_by(&self, owner: OwnerId, roots: &[Func]) -> Vec<Func> {
        let lineage = self.lineage(owner);
        let mut out = Vec::new();
        if lineage.len() < 2 {
            return out;
        }
        let mut seen: Vec<Func> = Vec::new();
        let mut queue: Vec<Func> = roots
            .iter()
            .copied()
            .filter(|root| self.runs_on(owner, *root))
            .collect();
        while let Some(f) = queue.pop() {
            if seen.contains(&f) {
                continue;
            }
            seen.push(f);
            for called in self.called_on_this(owner, f) {
                let is_inherited = self
                    .method_around(called)
                    .is_some_and(|(o, _, method)| method == called && o != owner && lineage.contains(&o));
                let runs = self.nearest(owner, called).unwrap_or(called);
                if runs != called {
                    out.push(runs);
                }
                if runs != called || is_inherited {
                    queue.push(runs);
                }
            }
        }
        out
    }

    /// Whether a class extending another one, or one in between, puts a method of its own in the place of one that it
    /// has from the other, and does not run that: no `super.close()` in its `close`.
    pub fn is_put_aside(&self, owner: OwnerId, f: Func) -> bool {
        let Some((_, name, _)) = self.method_around(f) else {
            return false;
        };
        self.nearest(owner, f).is_some_and(|nearest| {
            nearest != f
                && self.is_method_of_class(nearest)
                && self.is_method_of_class(f)
                && !self.names_base(nearest, name)
                && !self.reach(&[nearest]).contains(&f)
        })
    }

    /// The classes that extend another one, also through others, in the order of the text.
    pub fn heirs(&self, owner: OwnerId) -> Vec<OwnerId> {
        let mut out = vec![owner];
        let mut next = 0;
        while let Some(&of) = out.get(next) {
            let extended = self.uses_of_class(of);
            let by = extended.iter().filter_map(|used| match used {
                Use::Extended { by } => self.owner_made_by(*by),
                _ => None,
            });
            for heir in by {
                if !out.contains(&heir) {
                    out.push(heir);
                }
            }
            next += 1;
        }
        out.remove(0);
        out
    }

    fn is_method_of_class(&self, f: Func) -> bool {
        self.method_around(f)
            .is_some_and(|(owner, ..)| matches!(self.owner(owner).kind, OwnerKind::Class(_)))
    }

    /// Whether a function names a method of the base, wherever that is: `super.close`.
    fn names_base(&self, f: Func, name: &str) -> bool {
        let facts = self.facts(f.file);
        let body = facts.function(f.function).node;
        self.name_in(f.file, name).is_some_and(|name| {
            facts.members_named(name).any(|member| {
                matches!(facts.node(member), Node::Member { object, .. } if facts.node(object) == Node::Super)
                    && facts.is_inside(member, body)
            })
        })
    }

    /// Whether a method runs under its own name on objects of an owner: nothing nearer overrides it without `super`.
    fn runs_on(&self, owner: OwnerId, f: Func) -> bool {
        self.nearest(owner, f)
            .is_none_or(|nearest| nearest == f || self.reach(&[nearest]).contains(&f))
    }

    /// The method that has the name of another on objects of an owner.
    fn nearest(&self, owner: OwnerId, f: Func) -> Option<Func> {
        let (_, name, method) = self.method_around(f)?;
        (method == f).then(|| self.method(owner, name)).flatten()
    }

    /// The methods of an owner's line that a function calls on `this`, also in the functions inside it.
    fn called_on_this(&self, owner: OwnerId, f: Func) -> Vec<Func> {
        let mut out = Vec::new();
        let mut queue = vec![f];
        while let Some(g) = queue.pop() {
            queue.extend(self.inner_functions(g));
            for &node in self.calls_in(g) {
                let at = |node| Ref { file: g.file, node };
                let Node::Call { callee, .. } = self.node(at(node)) else {
                    continue;
                };
                let Node::Member { object, property, .. } = self.node(at(callee)) else {
                    continue;
                };
                if self.node(at(object)) == Node::This {
                    let name = self.text(g.file, property);
                    out.extend(self.called_function(at(node)).or_else(|| self.method(owner, name)));
                }
            }
        }
        out
    }
}
