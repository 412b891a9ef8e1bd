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
const GROUND: [&str; 5] = ["time", "rng", "id", "chunks", "digest"];

/// One line per module at the top of `core/src`. A module that is not built yet may stand here.
const EDGES: [(&str, May); 24] = [
    // The ground: within it, only downwards.
    ("time", Name(&[])),
    ("id", Name(&[])),
    ("chunks", Name(&[])),
    ("digest", Name(&[])),
    ("rng", Name(&[])),
    // What a log of commands drives.
    ("machine", Name(&[])),
    ("kv", Name(&["machine"])),
    ("controller", Name(&["machine"])),
    // What clients saw, and whether it was right.
    ("history", Name(&["machine", "kv"])),
    ("linear", Name(&["machine", "kv", "history"])),
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

/// What the page may name of the core.
const DOORS: [&str; 4] = ["view", "timeline", "script", "catalogue"];

/// Looks at every path of the core that begins with `crate` or climbs up by `super`.
pub(super) fn of_core(source: &Source) -> Vec<Complaint> {
    let Some(module) = module_path(&source.path) else { return Vec::new() };
    let Some(top) = module.first() else { return Vec::new() };
    let Some((_, may)) = EDGES.iter().find(|(name, _)| name == top) else {
        let text = format!("`{top}` has no line in EDGES of tests/tidy/edges.rs: give it one");
        return vec![Complaint::new(1, text)];
    };
    let tokens = source.shipped();
    let mut named = after(&tokens, &["crate"]);
    // From the module itself, as many steps up as it is deep lead to the top of the core.
    let climb = vec!["super"; module.len()];
    named.extend(after(&tokens, &climb));
    named.retain(|token| token.text != *top && !allowed(top, may, &token.text));
    let complain = |token: &&Token| {
        let text =
            format!("`{top}` may not name `{}`: see EDGES of tests/tidy/edges.rs", token.text);
        Complaint::new(token.line, text)
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

/// Looks at every path of the page into the core.
pub(super) fn of_the_page(source: &Source) -> Vec<Complaint> {
    if !source.path.starts_with("web/src/") {
        return Vec::new();
    }
    let tokens = source.shipped();
    let mut named = after(&tokens, &["shardscope_core"]);
    named.retain(|token| !DOORS.contains(&token.text.as_str()));
    let doors = DOORS.join(", ");
    let complain = |token: &&Token| {
        let text = format!("the page may not name `{}` of the core, only {doors}", token.text);
        Complaint::new(token.line, text)
    };
    named.iter().map(complain).collect()
}

/// The module that a file of the core holds, from the top: `["raft", "log"]`. Nothing for other
/// files, and an empty path for the top itself.
fn module_path(path: &str) -> Option<Vec<&str>> {
    let inside = path.strip_prefix("core/src/")?.strip_suffix(".rs")?;
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    Some(if inside == "lib" { Vec::new() } else { inside.split('/').collect() })
}

/// The names that follow a beginning such as `crate::` or `super::super::`: one, or those at the
/// top of a `{…}` list.
fn after<'a>(tokens: &[&'a Token], beginning: &[&str]) -> Vec<&'a Token> {
    let pattern: Vec<&str> = beginning.iter().flat_map(|name| [name, ":", ":"]).collect();
    let mut found = Vec::new();
    for at in 0..tokens.len().saturating_sub(pattern.len()) {
        let rest = &tokens[at..];
        let is_inside = at > 0 && tokens[at - 1].text == ":" && tokens[at].text == "super";
        let matches = rest.iter().map(|token| token.text.as_str()).take(pattern.len());
        if !is_inside && matches.eq(pattern.iter().copied()) {
            found.extend(heads(&rest[pattern.len()..]));
        }
    }
    found.retain(|token| token.text != "super" && token.text != "self");
    found
}

/// The first name of each path in `a`, `a::b` or `{a, b::{c, d}}`.
fn heads<'a>(tokens: &[&'a Token]) -> Vec<&'a Token> {
    if tokens.first().is_none_or(|token| token.text != "{") {
        return tokens.first().copied().into_iter().collect();
    }
    let (mut depth, mut found) = (0_usize, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        let starts = at > 0 && matches!(tokens[at - 1].text.as_str(), "{" | ",");
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            _ if depth == 1 && starts => found.push(*token),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(path: &str, text: &str) -> Vec<usize> {
        of_core(&Source::new(path, text)).iter().map(|complaint| complaint.line).collect()
    }

    #[test]
    fn an_edge_against_the_direction_is_found() {
        assert_eq!(core("core/src/kv.rs", "use crate::machine::Machine;"), []);
        assert_eq!(core("core/src/machine.rs", "use crate::kv::Kv;"), [1]);
        assert_eq!(core("core/src/raft/log.rs", "\nuse crate::paxos::Ballot;"), [2]);
        assert_eq!(core("core/src/raft/log.rs", "fn a() -> crate::server::B { b() }"), [1]);
        assert_eq!(core("core/src/server.rs", "use crate::view;"), [1]);
        assert_eq!(core("core/src/view/stage.rs", "use crate::sim::World;"), []);
        assert_eq!(core("core/src/sim/world.rs", "use crate::view::Stage;"), [1]);
    }

    #[test]
    fn the_ground_is_layered_too() {
        assert_eq!(core("core/src/rng.rs", "use crate::time::Duration;"), []);
        assert_eq!(core("core/src/time.rs", "use crate::rng::Rng;"), [1]);
        assert_eq!(core("core/src/id.rs", "use crate::machine::Machine;"), [1]);
        assert_eq!(core("core/src/server.rs", "use crate::{id::NodeId, time::Instant};"), []);
    }

    #[test]
    fn lists_are_looked_into_at_their_top_only() {
        let text = "use crate::{\n    machine::{self, view, Kv},\n    view::Stage,\n};";
        assert_eq!(core("core/src/kv.rs", text), [3]);
    }

    #[test]
    fn climbing_out_of_a_module_is_followed() {
        assert_eq!(core("core/src/raft.rs", "use super::view::Stage;"), [1]);
        assert_eq!(core("core/src/raft/log.rs", "use super::view::Stage;"), []);
        assert_eq!(core("core/src/raft/log.rs", "use super::super::view::Stage;"), [1]);
        assert_eq!(core("core/src/raft/mod.rs", "use super::view;"), [1]);
    }

    #[test]
    fn tests_and_the_top_may_name_anything() {
        let text = "#[cfg(test)]\nmod tests {\n    use crate::kv::Kv;\n}";
        assert_eq!(core("core/src/machine.rs", text), []);
        assert_eq!(core("core/src/lib.rs", "pub use crate::view::Stage;"), []);
        assert_eq!(core("core/src/machine/tests.rs", "use crate::kv::Kv;"), []);
    }

    #[test]
    fn a_new_module_needs_a_line() {
        let found = of_core(&Source::new("core/src/gossip.rs", ""));
        assert!(found[0].text.contains("gossip"), "{found:?}");
    }

    #[test]
    fn the_page_uses_the_doors() {
        let text = "use shardscope_core::view::Stage;\nuse shardscope_core::{raft, script::S};\n\
                    fn a() { shardscope_core::sim::run() }";
        let found = of_the_page(&Source::new("web/src/app.rs", text));
        assert_eq!(found.iter().map(|complaint| complaint.line).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(of_the_page(&Source::new("tests/a.rs", text)), []);
    }
}
