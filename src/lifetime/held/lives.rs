//! How long an object lives, seen from the code that names it.

use crate::lifetime::Judge;
use crate::link::{Func, Key, Life, OwnerId, Place, Root};
use crate::tables::Lives;

impl Judge<'_> {
    /// The owner whose object is at a place, through fields of known classes.
    pub(in crate::lifetime) fn owner_at(&self, place: &Place, depth: u32) -> Option<OwnerId> {
        if let Some(found) = self.project.owner_at_place(place, 0) {
            return Some(found);
        }
        if depth > 4 || place.path.is_empty() {
            return None;
        }
        let outer = self.owner_at(&place.parent()?, depth + 1)?;
        let field = Place {
            root: Root::This(outer),
            path: vec![Key::Name(place.last()?.into())],
        };
        self.project.owner_at_place(&field, 0)
    }

    /// How long an object lives, seen from the code that names it: what an injector makes for the application lives
    /// as long as that, and what it makes for this very object dies with it.
    pub(in crate::lifetime) fn life_of_thing(&self, place: &Place) -> Life {
        let own = match place.root {
            Root::This(owner) => Some(owner),
            _ => None,
        };
        if let (Some(owner), [Key::Name(name), ..]) = (own, place.path.as_slice())
            && self.project.is_own_part(owner, name)
        {
            return Life::Instance(owner);
        }
        let life = self.project.life_of(place);
        if !matches!(life, Life::Outer | Life::Unknown) || place.path.is_empty() && own.is_some() {
            return life;
        }
        let lives = self
            .project
            .type_of_place(place, 0)
            .and_then(|t| self.project.tables.type_row(t).lives);
        match (lives, own) {
            (Some(Lives::Process), _) => return Life::Process,
            (Some(Lives::Part), Some(owner)) => return Life::Instance(owner),
            (Some(Lives::Part), None) => return Life::Unknown,
            _ => {}
        }
        if let Some(owner) = self.owner_at(place, 0)
            && let Some(providers) = self.project.providers(owner)
        {
            let own = own.or_else(|| self.owner_of_param(place));
            return match own.filter(|o| providers.contains(o)) {
                Some(o) => Life::Instance(o),
                None if providers.is_empty() => Life::Process,
                None => Life::Outer,
            };
        }
        life
    }

    /// The owner into whose constructor a place was handed.
    fn owner_of_param(&self, place: &Place) -> Option<OwnerId> {
        match place.root {
            Root::Binding(file, b) => {
                let function = self.project.facts(file).binding(b).function;
                self.project.method_around(Func { file, function }).map(|(o, ..)| o)
            }
            _ => None,
        }
    }
}
