//! A run's history, or its script.

use shardscope_core::history::format::{self, Format};
use shardscope_core::history::{History, Record};
use shardscope_core::sim::Scenario;
use shardscope_core::sim::script::{Player, Recorded, Script};
use shardscope_core::sim::timeline::{Acted, Timeline};
use shardscope_core::time::Instant;

use crate::args::{Export, Form, Profile};
use crate::end::{End, Outcome, Refusal};
use crate::sweep::draw;
use crate::{input, link, out};

/// Writes it.
pub(crate) fn export(Export { source, seed, profile, format }: &Export) -> Outcome {
    let text = match (source, seed) {
        (Some(source), _) if link::is_link(source) => of_timeline(&link::open(source)?, *format)?,
        (Some(source), _) => of_file(source, *format)?,
        (None, seed) => {
            let seed = seed.unwrap_or_default();
            let kept = draw(profile.unwrap_or(Profile::Raft), seed, None);
            let end = (kept.world.steps(), kept.end);
            let title = format!("Seed {seed}");
            let scenario = kept.world.scenario();
            of_run(&title, scenario, &kept.acts, end, &kept.chronicle.history, *format)?
        }
    };
    out::text(format_args!("{text}"));
    Ok(End::Holds)
}

fn of_file(source: &str, form: Form) -> Result<String, Refusal> {
    let bytes = input::bytes(source.as_ref())?;
    let is_history = std::str::from_utf8(&bytes).is_ok_and(|text| Format::guess(text).is_some());
    if !is_history {
        let text = input::text_of(source.as_ref(), bytes)?;
        let script = input::script_of(source.as_ref(), &text)?;
        return of_timeline(Player::explain(script).timeline(), form);
    }
    let record =
        format::read(&bytes, None).map_err(|error| Refusal(format!("{source}, {error}")))?;
    written(&record, form).ok_or_else(|| {
        Refusal(format!("{source} is a history, which has no script: write json or edn."))
    })
}

fn written(record: &Record, form: Form) -> Option<String> {
    match form {
        Form::Json => Some(format::json_lines(record)),
        Form::Edn => Some(format::edn(record)),
        Form::Script => None,
    }
}

fn of_timeline(timeline: &Timeline, form: Form) -> Result<String, Refusal> {
    let end = (timeline.head_step(), timeline.head());
    let (scenario, acts) = (timeline.scenario(), &timeline.branch().acts);
    of_run("A run", scenario, acts, end, &timeline.chronicle().history, form)
}

fn of_run(
    title: &str,
    scenario: &Scenario,
    acts: &[Acted],
    end: (u64, Instant),
    history: &History,
    form: Form,
) -> Result<String, Refusal> {
    if let Some(text) = written(&Record::of(history), form) {
        return Ok(text);
    }
    let script = Script::record(title, Recorded { scenario, acts, end }, [])?;
    Ok(script.to_string())
}
