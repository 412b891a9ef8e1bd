//! A recorded history, judged under consistency models.

use serde_json::{Value, json};
use shardscope_core::history::format;
use shardscope_core::models::{Finding, Inquest, Judge, Model, Verdict};

use crate::args::{Asked, Check};
use crate::end::{End, Outcome, Refusal};
use crate::input;
use crate::out::say;

/// The models that are asked about.
const fn models(asked: Asked) -> &'static [Model] {
    match asked {
        Asked::Linearizable => &[Model::Linearizable],
        Asked::Sequential => &[Model::Sequential],
        Asked::Session => &Model::SESSION,
        Asked::All => &Model::ALL,
    }
}

pub(crate) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Violated => "violated",
        Verdict::Undecided => "undecided",
        Verdict::Untold => "not told",
    }
}

pub(crate) const fn end(verdict: Verdict) -> End {
    match verdict {
        Verdict::Holds => End::Holds,
        Verdict::Violated => End::Violated,
        Verdict::Undecided | Verdict::Untold => End::Undecided,
    }
}

/// Judges a file.
pub(crate) fn check(args: &Check, json: bool) -> Outcome {
    let Check { history, model, format, budget } = args;
    let bytes = input::bytes(history)?;
    let record = format::read(&bytes, *format)
        .map_err(|error| Refusal(format!("{}, {error}", history.display())))?;
    let mut judge = Judge::new(&record, *budget);
    let findings: Vec<Finding> = models(*model).iter().map(|model| judge.finding(*model)).collect();
    let calls = record.calls.len();
    let is_broken =
        |of: &Finding| (of.model, of.verdict) == (Model::Linearizable, Verdict::Violated);
    let reason = findings.iter().any(is_broken).then(|| Inquest::new(&record, *budget));
    let reason = reason.and_then(|inquest| inquest.contradiction(*budget)).map(|found| found.words);
    if json {
        let told = |finding: &Finding| -> Value {
            json!({
                "model": finding.model.name(), "verdict": word(finding.verdict),
                "steps": finding.steps, "words": finding.words,
            })
        };
        let findings: Vec<Value> = findings.iter().map(told).collect();
        say!("{}", json!({ "calls": calls, "findings": findings, "reason": reason }));
    } else {
        say!("{}: {calls} calls", history.display());
        for Finding { model, verdict, steps, words } in &findings {
            say!("{:<20} {:<10} {words} ({steps} steps)", model.name(), word(*verdict));
        }
        if let Some(reason) = reason {
            say!("{reason}");
        }
    }
    Ok(findings.iter().fold(End::Holds, |so_far, finding| so_far.and(end(finding.verdict))))
}
