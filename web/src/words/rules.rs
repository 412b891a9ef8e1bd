//! Rules that are broken on purpose.

use shardscope_core::id::MutantId;
use shardscope_core::mutant::{Layer, Mutant};

/// Above the list.
pub(crate) const HELP: &str = "Each is a real bug from somebody's store. Switch one on: the run \
     begins anew with the same seed, and one decision is taken wrongly. Then make a promise break. \
     Its story shows how.";
/// Puts all rules in force again.
pub(crate) const MEND: &str = "Mend it";
/// Plays a mutant's script.
pub(crate) const STORY: &str = "Its story";

/// The rule that is broken now.
pub(crate) fn on(mutant: &Mutant) -> String {
    format!("{} is on.", title(mutant))
}

/// `R15: commits by counting old entries`.
pub(crate) fn title(mutant: &Mutant) -> String {
    format!("{}: {}", mutant.id, mutant.title)
}

/// What goes wrong, and against what.
pub(crate) fn what(mutant: &Mutant) -> String {
    format!("{} Breaks {}.", mutant.story, mutant.section)
}

/// The name of the button for those who do not see the row.
pub(crate) fn story_of(mutant: &Mutant) -> String {
    format!("The story of {}", mutant.id)
}

/// Under which heading it stands.
pub(crate) fn kind(mutant: &Mutant) -> &'static str {
    match mutant.id {
        id if id >= MutantId::K1 => "Groups and shards",
        id if id >= MutantId::C1 => "The controller",
        _ => "Every group",
    }
}

/// Why it cannot be switched on in such a run.
pub(crate) fn why_not(mutant: &Mutant, sharded: bool) -> Option<String> {
    let needs = mutant.layer == Layer::Sharding || mutant.id >= MutantId::C1;
    (needs && !sharded).then(|| "It needs groups: the settings can make some.".into())
}

/// In the header after the number of a rule that is broken.
pub(crate) const ON_PURPOSE: &str = "is broken on purpose";

/// The header's button, while a rule is broken.
pub(crate) fn chip(mutant: &Mutant) -> String {
    format!("{} {ON_PURPOSE}: {}", mutant.id, mutant.title)
}

/// Said when a rule was switched.
pub(crate) fn switched(mutant: Option<&Mutant>) -> String {
    mutant.map_or_else(
        || "All rules hold again. The run began anew.".into(),
        |mutant| format!("{}: {} The run began anew.", mutant.id, mutant.story),
    )
}
