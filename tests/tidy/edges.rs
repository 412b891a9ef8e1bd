//! Who may know whom. The table is the direction in which the core is layered, and the page sees
//! the core through a few doors only.

use super::source::{Complaint, Source, Token};

/// What a module of the core may name besides [`GROUND`] and itself.
enum May {
    /// Only these.
    Name(&'static [&'static str]),
    /// Everything but these.
    NameAllBut(&'static [&'static str]),
}

use May::{Name, NameAllBut};

/// What every module may name: small values without behaviour of their own.
const GROUND: [&str; 7] = ["time", "rng", "id", "chunks", "sorted", "order", "digest"];

/// One line per module at the top of `core/src`. A module that is not built yet may stand here.
const EDGES: [(&str, May); 27] = [
    // The ground: within it, only downwards.
    ("time", Name(&[])),
    ("id", Name(&[])),
    ("chunks", Name(&[])),
    ("sorted", Name(&[])),
    ("order", Name(&[])),
    ("digest", Name(&[])),
    ("rng", Name(&[])),
    // What a log of commands drives.
    ("machine", Name(&[])),
    ("kv", Name(&["machine"])),
    ("controller", Name(&["machine"])),
    // What clients saw, and whether it was right.
    ("history", Name(&["machine", "kv"])),
    ("linear", Name(&["machine", "kv", "history"])),
    ("models", Name(&["machine", "kv", "history", "linear"])),
    // How a log is replicated. The two protocols are strangers to each other.
    ("protocol", Name(&["machine"])),
    ("raft", Name(&["machine", "protocol"])),
    ("paxos", Name(&["machine", "protocol"])),
    ("replica", Name(&["machine", "protocol", "raft", "paxos"])),
    // Who answers, and who asks.
    ("server", Name(&["machine", "protocol"])),
    ("clerk", Name(&["machine", "protocol", "server"])),
    ("shardkv", Name(&["machine", "kv", "controller", "protocol", "server", "clerk"])),
    ("causal", Name(&["machine"])),
    ("mutant", NameAllBut(&["sim", "timeline", "script", "catalogue", "view"])),
    // The world that all of this runs in, and the picture of it.
    ("sim", NameAllBut(&["timeline", "script", "catalogue", "view"])),
    ("timeline", NameAllBut(&["view"])),
    ("script", NameAllBut(&["view"])),
    ("catalogue", NameAllBut(&["view"])),
    ("view", NameAllBut(&[])),
];

/// Modules of the ground that lean on another one.
const GROUND_EDGES: [(&str, &[&str]); 2] = [("rng", &["time", "id"]), ("digest", &["time", "id"])];

/// What all of the page may name of the core, with everything inside it: pictures, and the small
/// values that they are made of.
const DOORS: [&str; 4] = ["view", "id", "time", "mutant"];

/// What the page's engine may name besides: it alone runs the world and acts on it.
const ENGINE_DOORS: [&str; 7] =
    ["sim", "kv", "controller", "history", "rng", "script", "catalogue"];

/// What is inside those doors and closed all the same: the judge has it, and who names it brings it
/// into the page's first load again.
const CLOSED: [[&str; 2]; 1] = [["sim", "script"]];

/// Where the page's engine is.
const ENGINE: &str = "web/src/engine";

/// What the page may name of the judge: what both say to each other.
const JUDGE_DOORS: [&str; 3] = ["message", "story", "findings"];

/// What the judge may name of the core.
const DOORS_OF_THE_JUDGE: [&str; 9] =
    ["sim", "id", "time", "order", "kv", "machine", "history", "linear", "models"];

/// Looks at every path of the core that begins with `crate` or climbs up by `super`.
pub(super) fn of_core(source: &Source) -> Vec<Complaint> {
    let Some(module) = module_path(&source.path) else { return Vec::new() };
    let Some(top) = module.first() else { return Vec::new() };
    let Some((_, may)) = EDGES.iter().find(|(name, _)| name == top) else {
        let text = format!("`{top}` has no line in EDGES of tests/tidy/edges.rs: give it one");
        return vec![Complaint::new(1, text)];
    };
    let tokens = source.shipped();
    let mut named = paths(&tokens, &["crate"]);
    // From the module itself, as many steps up as it is deep lead to the top of the core.
    let climb = vec!["super"; module.len()];
    named.extend(paths(&tokens, &climb));
    named.retain(|path| path.first() != *top && !allowed(top, may, path.first()));
    let complain = |path: &Named| {
        let name = path.first();
        let text = format!("`{top}` may not name `{name}`: see EDGES of tests/tidy/edges.rs");
        Complaint::new(path.line, text)
    };
    named.iter().map(complain).collect()
}

fn allowed(top: &str, may: &May, name: &str) -> bool {
    let is_module = EDGES.iter().any(|(module, _)| *module == name);
    if GROUND.contains(&top) {
        return GROUND_EDGES.iter().any(|(from, to)| *from == top && to.contains(&name));
    }
    // What is no module is a macro or a name at the top of the core.
    !is_module
        || GROUND.contains(&name)
        || match may {
            Name(names) => names.contains(&name),
            NameAllBut(names) => !names.contains(&name),
        }
}

/// Looks at every path of the page into the core and the judge, and of the judge into the core.
pub(super) fn of_the_page(source: &Source) -> Vec<Complaint> {
    let of_judge = source.path.starts_with("judge/src/");
    if !of_judge && !source.path.starts_with("web/src/") {
        return Vec::new();
    }
    let tokens = source.shipped();
    let mut named = paths(&tokens, &["shardscope_core"]);
    let engine = source.path.starts_with(ENGINE);
    let is_open = |path: &Named| {
        let name = path.first();
        if of_judge {
            return DOORS_OF_THE_JUDGE.contains(&name);
        }
        let is_closed = CLOSED.iter().any(|closed| path.names.starts_with(closed));
        DOORS.contains(&name) || (engine && ENGINE_DOORS.contains(&name) && !is_closed)
    };
    named.retain(|path| !is_open(path));
    let mut of_the_judge = paths(&tokens, &["shardscope_judge"]);
    of_the_judge.retain(|path| !of_judge && !JUDGE_DOORS.contains(&path.first()));
    let complain = |whose: &str, path: &Named| {
        let name = path.names.join("::");
        let text =
            format!("`{name}` of the {whose} is not for here: see DOORS of tests/tidy/edges.rs");
        Complaint::new(path.line, text)
    };
    let of_core = named.iter().map(|path| complain("core", path));
    of_core.chain(of_the_judge.iter().map(|path| complain("judge", path))).collect()
}

/// The module that a file of the core holds, from the top: `["raft", "log"]`. Nothing for other
/// files, and an empty path for the top itself.
fn module_path(path: &str) -> Option<Vec<&str>> {
    let inside = path.strip_prefix("core/src/")?.strip_suffix(".rs")?;
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    Some(if inside == "lib" { Vec::new() } else { inside.split('/').collect() })
}

/// A path somewhere in the code, without its beginning.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    names: Vec<&'a str>,
    line: usize,
}

impl Named<'_> {
    fn first(&self) -> &str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// The paths that follow a beginning such as `crate::` or `super::super::`: one, or those of a
/// `{…}` list.
fn paths<'a>(tokens: &[&'a Token], beginning: &[&str]) -> Vec<Named<'a>> {
    let pattern: Vec<&str> = beginning.iter().flat_map(|name| [name, ":", ":"]).collect();
    let mut found = Vec::new();
    for at in 0..tokens.len().saturating_sub(pattern.len()) {
        let is_inside = at > 0 && tokens[at - 1].text == ":" && tokens[at].text == "super";
        let here = tokens[at..].iter().map(|token| token.text.as_str()).take(pattern.len());
        if !is_inside && here.eq(pattern.iter().copied()) {
            tree(&tokens[at + pattern.len()..], &[], &mut found);
        }
    }
    found.retain(|path| !matches!(path.first(), "super" | "self" | "*" | ""));
    found
}

/// Reads `a::b`, `a::{b, c::d}` or `{a, b}` from the front, under a prefix, and returns how many
/// tokens that took.
fn tree<'a>(tokens: &[&'a Token], prefix: &[&'a str], found: &mut Vec<Named<'a>>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    if text(0) == "{" {
        let mut at = 1;
        while at < tokens.len() && text(at) != "}" {
            // What is between two paths is a comma, or `as` and another name.
            at += tree(&tokens[at..], prefix, found);
            while at < tokens.len() && !matches!(text(at), "," | "}") {
                at += 1;
            }
            at += usize::from(text(at) == ",");
        }
        return at + 1;
    }
    let Some(first) = tokens.first() else { return 0 };
    let names = [prefix, &[first.text.as_str()]].concat();
    let goes_on = text(1) == ":" && text(2) == ":" && text(3) != "<";
    if goes_on {
        return 3 + tree(&tokens[3..], &names, found);
    }
    found.push(Named { names, line: first.line });
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(path: &str, text: &str) -> Vec<usize> {
        of_core(&Source::new(path, text)).iter().map(|complaint| complaint.line).collect()
    }

    #[test]
    fn an_edge_against_the_direction_is_found() {
        assert_eq!(core("core/src/kv.rs", "use crate::machine::Machine;"), [0; 0]);
        assert_eq!(core("core/src/machine.rs", "use crate::kv::Kv;"), [1]);
        assert_eq!(core("core/src/raft/log.rs", "\nuse crate::paxos::Ballot;"), [2]);
        assert_eq!(core("core/src/raft/log.rs", "fn a() -> crate::server::B { b() }"), [1]);
        assert_eq!(core("core/src/server.rs", "use crate::view;"), [1]);
        assert_eq!(core("core/src/view/stage.rs", "use crate::sim::World;"), [0; 0]);
        assert_eq!(core("core/src/sim/world.rs", "use crate::view::Stage;"), [1]);
    }

    #[test]
    fn the_ground_is_layered_too() {
        assert_eq!(core("core/src/rng.rs", "use crate::time::Duration;"), [0; 0]);
        assert_eq!(core("core/src/time.rs", "use crate::rng::Rng;"), [1]);
        assert_eq!(core("core/src/id.rs", "use crate::machine::Machine;"), [1]);
        assert_eq!(core("core/src/server.rs", "use crate::{id::NodeId, time::Instant};"), [0; 0]);
    }

    #[test]
    fn lists_are_looked_into_at_their_top_only() {
        let text = "use crate::{\n    machine::{self, view, Kv},\n    view::Stage,\n};";
        assert_eq!(core("core/src/kv.rs", text), [3]);
    }

    #[test]
    fn trees_of_paths_are_taken_apart() {
        let text = "use crate::{a::{self, b as c}, d::*, e}; fn f(x: crate::g::H<i::J>) {}";
        let source = Source::new("core/src/kv.rs", text);
        let tokens = source.shipped();
        let found = paths(&tokens, &["crate"]);
        let found: Vec<String> = found.iter().map(|path| path.names.join("::")).collect();
        assert_eq!(found, ["a::self", "a::b", "d::*", "e", "g::H"]);
    }

    #[test]
    fn climbing_out_of_a_module_is_followed() {
        assert_eq!(core("core/src/raft.rs", "use super::view::Stage;"), [1]);
        assert_eq!(core("core/src/raft/log.rs", "use super::view::Stage;"), [0; 0]);
        assert_eq!(core("core/src/raft/log.rs", "use super::super::view::Stage;"), [1]);
        assert_eq!(core("core/src/raft/mod.rs", "use super::view;"), [1]);
    }

    #[test]
    fn tests_and_the_top_may_name_anything() {
        let text = "#[cfg(test)]\nmod tests {\n    use crate::kv::Kv;\n}";
        assert_eq!(core("core/src/machine.rs", text), [0; 0]);
        assert_eq!(core("core/src/lib.rs", "pub use crate::view::Stage;"), [0; 0]);
        assert_eq!(core("core/src/machine/tests.rs", "use crate::kv::Kv;"), [0; 0]);
    }

    #[test]
    fn a_new_module_needs_a_line() {
        let found = of_core(&Source::new("core/src/gossip.rs", ""));
        assert!(found[0].text.contains("gossip"), "{found:?}");
    }

    #[test]
    fn the_page_uses_the_doors() {
        let text = "use shardscope_core::view::Stage;\n\
                    use shardscope_core::{raft, sim::{Timeline as T, timeline::Spot}, view};\n\
                    fn a() { shardscope_core::sim::run::<u8>() }";
        let lines = |path: &str| {
            let found = of_the_page(&Source::new(path, text));
            found.iter().map(|complaint| complaint.line).collect::<Vec<_>>()
        };
        assert_eq!(lines("web/src/app.rs"), [2, 2, 2, 3]);
        assert_eq!(lines("web/src/engine/mod.rs"), [2]);
        assert_eq!(lines("tests/a.rs"), [0; 0]);
    }

    #[test]
    fn what_the_judge_does_stays_out_of_the_page() {
        let lines = |path: &str, text: &str| {
            let found = of_the_page(&Source::new(path, text));
            found.iter().map(|complaint| complaint.line).collect::<Vec<_>>()
        };
        let text = "use shardscope_judge::{message::Job, work};\n\
                    use shardscope_core::sim::{link, script::Script};\n\
                    use shardscope_core::raft::Role;";
        assert_eq!(lines("web/src/engine/story.rs", text), [2, 3, 1]);
        assert_eq!(lines("judge/src/work.rs", text), [3]);
    }
}
