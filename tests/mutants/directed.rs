//! Directed scripts: one for each mutant, in `tests/scripts/mutants`. The same text is played
//! twice, with the mutant and with the paper's own decisions.
//!
//! A script ends with what must hold, whoever decides. With the mutant, that is what fails.

use std::fs;
use std::path::{Path, PathBuf};

use shardscope_core::id::MutantId;
use shardscope_core::linear::{self, Verdict};
use shardscope_core::mutant::{self, Checker, Mutant};
use shardscope_core::sim::Chronicle;
use shardscope_core::sim::invariants::{Law, Violation};
use shardscope_core::sim::script::{Claim, Condition, Line, Player, Script, Statement, Value};

/// A script that provokes a mutant.
pub(super) struct Directed {
    /// Whom.
    pub(super) mutant: &'static Mutant,
    /// As its file has it.
    pub(super) text: String,
    script: Script,
}

/// How a mutant was caught.
pub(super) struct Catch {
    /// What the script's last lines were about.
    pub(super) checker: Checker,
    /// Deeds until something was wrong.
    pub(super) deeds: usize,
    /// Events until something was wrong.
    pub(super) events: u64,
}

/// Where the scripts are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/mutants")
}

/// The scripts that the catalogue names, in its order.
pub(super) fn all() -> impl Iterator<Item = Directed> {
    mutant::ALL.iter().map(Directed::new)
}

impl Directed {
    pub(super) fn new(mutant: &'static Mutant) -> Self {
        let path = folder().join(mutant.script).with_extension("script");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let script =
            Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", mutant.script));
        Self { mutant, text, script }
    }

    /// What it says.
    pub(super) const fn script(&self) -> &Script {
        &self.script
    }

    /// Plays it with the decisions that go by a number.
    pub(super) fn play(&self, id: MutantId) -> Player {
        let mut lines = self.script.lines().to_vec();
        let value = lines.iter_mut().find_map(|line| match line {
            Line::Setting(assignment) if assignment.setting.name == "mutant" => {
                Some(&mut assignment.value)
            }
            _ => None,
        });
        *value.expect("it sets a mutant") = Value::Mutant(id);
        Player::play(Script::of(&lines).expect("another mutant leaves it a script"))
    }

    /// The first of its last lines, which say what must hold in the end.
    fn end(&self) -> u32 {
        let expects =
            |line: &&Line| matches!(line, Line::Statement(Statement::Expect { .. }) | Line::Blank);
        let lines = self.script.lines();
        (lines.len() - lines.iter().rev().take_while(expects).count()) as u32 + 1
    }

    /// How its run with the mutant was caught: in one of the last lines, all others went as they
    /// say.
    pub(super) fn catch(&self, player: &Player) -> Catch {
        let name = self.mutant.script;
        let failure = player.failure().unwrap_or_else(|| panic!("{name}: nothing fails"));
        assert!(failure.line >= self.end(), "{name}, {failure}: this leads up to the fault only");
        let line = self.script.lines().get(failure.line as usize - 1);
        let Some(Line::Statement(Statement::Expect { condition, .. })) = line else {
            panic!("{name}, {failure}: this expects nothing")
        };
        // Otherwise all went as it says, and what is broken it does not mention.
        let own = failure.expected.starts_with(&condition.to_string());
        assert!(own, "{name}, {failure}: the script ends with something else");
        let chronicle = player.timeline().chronicle();
        let events =
            self.violations(chronicle).next().map_or(failure.spot.step, |violation| violation.step);
        let mut before = 0;
        let deeds = player.played().iter().filter(|(line, spot)| {
            let begun = std::mem::replace(&mut before, spot.step);
            let line = self.script.lines().get(*line as usize - 1);
            begun < events && matches!(line, Some(Line::Statement(Statement::Do(_))))
        });
        Catch { deeds: deeds.count(), checker: checker(condition), events }
    }

    /// What was broken and should not have been: a script may be about a run in which more is wrong
    /// than its mutant, and then says so.
    fn violations<'a>(&self, chronicle: &'a Chronicle) -> impl Iterator<Item = &'a Violation> {
        let expected = |line: &Line| match line {
            Line::Statement(Statement::Expect { condition, .. }) => condition.claims.clone(),
            _ => Vec::new(),
        };
        let expected: Vec<_> = self.script.lines().iter().flat_map(expected).collect();
        chronicle.observers.violations().iter().filter(move |violation| {
            !expected.contains(&(false, Claim::Law { law: Some(violation.law), broken: true }))
        })
    }

    /// What a run broke: invariants in their order, then the history.
    pub(super) fn broken(&self, chronicle: &Chronicle) -> Vec<Checker> {
        let laws = self.violations(chronicle).map(|violation| number(violation.law));
        let mut broken: Vec<Checker> = Vec::new();
        for checker in laws.chain(is_illegal(chronicle).then_some(Checker::History)) {
            if !broken.contains(&checker) {
                broken.push(checker);
            }
        }
        broken
    }
}

/// What a condition is about.
fn checker(condition: &Condition) -> Checker {
    match condition.claims.as_slice() {
        [(false, Claim::Law { law: Some(law), broken: false })] => number(*law),
        [(false, Claim::History { linearizable: true })] => Checker::History,
        _ => Checker::Liveness,
    }
}

/// An invariant as the catalogue has it.
fn number(law: Law) -> Checker {
    let (family, number) = law.id().split_once('-').expect("such as RI-7");
    let number = number.parse().expect("a number");
    match family {
        "RI" => Checker::Invariant(number),
        "CI" => Checker::OfConfigs(number),
        "KI" => Checker::OfShards(number),
        _ => panic!("{} is the simulator's own", law.id()),
    }
}

/// What the linearizability checker says of a run.
pub(super) fn judged(chronicle: &Chronicle) -> Verdict {
    let keys = linear::check(&chronicle.history, 1 << 20).expect("clients make a history");
    linear::verdict(&keys)
}

fn is_illegal(chronicle: &Chronicle) -> bool {
    match judged(chronicle) {
        Verdict::Illegal => true,
        Verdict::Linearizable => false,
        Verdict::Undecided => panic!("a script has few operations"),
    }
}
