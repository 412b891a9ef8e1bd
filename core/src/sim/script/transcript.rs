//! A played script as text: each line of the story with what came of it. The form of golden traces.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use super::play::Player;
use super::tree::{Line, Statement};

/// A played script as text. Lines of the story stand at the margin behind a `>`, the trace of what
/// happened while each was told below it, and the answers behind a `=`.
///
/// ```text
/// > S1 starts an election
///        1   0.000000 S1        action: start an election
/// ```
pub fn transcript(player: &Player) -> String {
    let mut text = String::new();
    let written = write_transcript(&mut text, player);
    debug_assert!(written.is_ok());
    text
}

fn write_transcript(text: &mut String, player: &Player) -> core::fmt::Result {
    let timeline = player.timeline();
    let (trace, scenario) = (&timeline.chronicle().trace, timeline.scenario());
    let mut shown = trace.first();
    let told = player.played().iter().map(|(line, spot)| (*line, spot.step));
    let failed = player.failure().map(|failure| (failure.line, failure.spot.step));
    for (number, step) in told.chain(failed) {
        let line = player.script().lines().get(number as usize - 1);
        if let Some(Line::Statement(statement)) = line {
            let indent = matches!(statement, Statement::Choice { .. });
            writeln!(text, "> {}{statement}", if indent { "  " } else { "" })?;
        }
        let end = trace.partition_point(|line| line.step <= step);
        for line in trace.range(shown..end) {
            writeln!(text, "{}", line.text(scenario))?;
        }
        shown = end;
        if let Some(Line::Statement(Statement::Show(_))) = line
            && let Some(beat) = player.beats().iter().find(|beat| beat.line == number)
        {
            writeln!(text, "= {}", beat.sentence)?;
        }
        let answer = player.questions().iter().find_map(|question| {
            let answered = question.answered.as_ref().filter(|known| known.line == number)?;
            question.choices.get(answered.right).map(|(choice, _)| choice)
        });
        if let Some(choice) = answer {
            writeln!(text, "= \"{choice}\" is right")?;
        }
    }
    if let Some(failure) = player.failure() {
        writeln!(text, "! {failure}")?;
    }
    let world = timeline.world();
    let actions = timeline.branch().acts.len();
    let end = format!("{} s, {} steps, {actions} actions", timeline.now(), world.steps());
    writeln!(text, "{end}, digest {:016x}", world.digest())
}
