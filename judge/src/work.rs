//! What the judge does: one function from a job to an answer.

mod findings;

use shardscope_core::history::format;
use shardscope_core::sim::link;
use shardscope_core::sim::script::{Error, Line, Player, Recorded, Script, Statement};
use shardscope_core::sim::timeline::Spot;

use crate::message::{Answer, Job};
use crate::story::{Question, Stop, Story, What};

/// Events that are played between two questions whether it is enough.
const PART: u32 = 1_000_000;

/// So many letters of a line that is wrong are shown.
const SHOWN: usize = 60;

/// Does a job.
pub fn answer(job: Job) -> Answer {
    let answer = match job {
        Job::Tell(text) => tell(&text),
        Job::Record(run) => record(&run),
        Job::Judge(record) => Ok(Answer::Judged(findings::findings(&record))),
        Job::Read(file) => judge(&file),
    };
    answer.unwrap_or_else(Answer::Refused)
}

/// Reads a script and plays it to its end, or to the first thing that fails.
fn tell(text: &str) -> Result<Answer, String> {
    let script = Script::parse(text).map_err(|error| no_script(text, &error))?;
    let player = Player::explain(script);
    let run = link::pack(player.timeline()).map_err(|wrong| wrong.0)?;
    // What the page could not open is refused here, where somebody can still mend it.
    link::unpack(&run).map_err(|wrong| wrong.0)?;
    Ok(Answer::Told { story: story(&player), run })
}

/// Reads a file with a history and judges it.
fn judge(file: &[u8]) -> Result<Answer, String> {
    let record = format::read(file, None).map_err(|error| error.to_string())?;
    Ok(Answer::Judged(findings::findings(&record)))
}

/// Where a text is no script, with the line that it is about.
fn no_script(text: &str, error: &Error) -> String {
    let line = text.lines().nth(error.line as usize - 1).unwrap_or_default().trim();
    let mut told = format!("This is no script yet, {error}");
    if !line.is_empty() {
        told += " It says: ";
        told.extend(line.chars().take(SHOWN));
        told += if line.chars().count() > SHOWN { "…" } else { "" };
    }
    told
}

fn story(player: &Player) -> Story {
    let mut stops: Vec<Stop> = Vec::new();
    let mut stop = |line, moment, what| {
        let place = stops.partition_point(|stop| stop.line <= line);
        stops.insert(place, Stop { line, moment, what });
    };
    for beat in player.beats() {
        stop(beat.line, beat.spot, What::Say(beat.sentence.clone()));
    }
    for (question, asked) in player.questions().iter().enumerate() {
        stop(asked.line, asked.spot, What::Ask(question));
        if let Some(answer) = &asked.answered {
            let (right, why) = (answer.right, answer.why.clone());
            stop(answer.line, answer.spot, What::Answer { question, right, why });
        }
    }
    stops.push(last(player));
    let questions = player.questions().iter().map(|asked| Question {
        text: asked.text.clone(),
        choices: asked.choices.iter().map(|(choice, _)| choice.clone()).collect(),
    });
    let start = Spot { step: 0, at: Default::default(), ..player.timeline().spot() };
    let title = player.script().title().to_owned();
    Story { title, start, stops, questions: questions.collect() }
}

/// Where a story ends: at what fails, or behind its last line.
fn last(player: &Player) -> Stop {
    if let Some(failure) = player.failure() {
        let what = What::Fail(failure.expected.clone(), failure.found.clone());
        return Stop { line: failure.line, moment: failure.spot, what };
    }
    let lines = player.script().lines();
    let expects = |line: &&Line| matches!(line, Line::Statement(Statement::Expect { .. }));
    let expected = lines.iter().filter(expects).count() as u64;
    let (line, moment) = (lines.len() as u32, player.timeline().spot());
    Stop { line, moment, what: What::End(expected) }
}

/// Writes a run up to its moment as a script.
fn record(run: &[u8]) -> Result<Answer, String> {
    let mut replay = link::unpack(run).map_err(|wrong| wrong.0)?.replay();
    while !replay.advance(PART).map_err(|wrong| wrong.0)? {}
    let timeline = replay.into_timeline();
    let acts = &timeline.branch().acts;
    let end = (timeline.head_step(), timeline.head());
    let run = Recorded { scenario: timeline.scenario(), acts, end };
    Script::record("A run on the page", run, []).map(|script| Answer::Recorded(script.to_string()))
}

#[cfg(test)]
mod tests;
