//! Which invariants a script lets be broken.

use crate::sim::invariants::{Law, Violation};
use crate::sim::script::Script;
use crate::sim::script::tree::{Claim, Line, Statement};

/// The first violation of an invariant that the script does not expect to be broken.
pub(in crate::sim::script) fn unexpected<'a>(
    script: &Script,
    violations: &'a [Violation],
) -> Option<&'a Violation> {
    let excused = |law: Law| {
        let broken = (false, Claim::Law { law: Some(law), broken: true });
        script.lines().iter().any(|line| match line {
            Line::Statement(Statement::Expect { condition, .. }) => {
                condition.claims.contains(&broken)
            }
            _ => false,
        })
    };
    violations.iter().find(|violation| !excused(violation.law))
}
