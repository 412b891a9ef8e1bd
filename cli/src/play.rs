//! One run: a script is played, or a run is made again.

use serde_json::json;
use shardscope_core::linear::{self, Verdict};
use shardscope_core::sim::script::{Player, transcript};
use shardscope_core::sim::timeline::Timeline;

use crate::args::Run;
use crate::end::{End, Outcome, Refusal};
use crate::out::{self, say};
use crate::{input, link};

/// Steps of the search whether what clients saw is linearizable.
const BUDGET: u64 = 20_000_000;

/// Plays a script and prints its trace, or the verdict only.
pub(crate) fn run(Run { script, verdict }: &Run, json: bool, page: &str) -> Outcome {
    let player = Player::explain(input::script(script)?);
    let (title, timeline) = (player.script().title(), player.timeline());
    let failure = player.failure().map(|failure| format!("{}, {failure}", script.display()));
    let end = if failure.is_some() { End::Violated } else { End::Holds };
    let address = link::address(page, timeline);
    let digest = format!("{:016x}", timeline.world().digest());
    if json {
        let object = json!({
            "title": title, "holds": failure.is_none(), "failure": failure, "digest": digest,
            "steps": timeline.head_step(), "link": address.ok(),
        });
        say!("{object}");
        return Ok(end);
    }
    if !verdict {
        out::text(format_args!("{}", transcript(&player)));
    }
    match failure {
        None => say!("{title}: it goes as the script says. Digest {digest}."),
        Some(failure) => {
            say!("{title}: {failure}");
            say!("{}", address.unwrap_or_else(|why| why));
        }
    }
    Ok(end)
}

/// Makes a run again and says what became of it.
pub(crate) fn replay(source: &str, json: bool, page: &str) -> Outcome {
    if !link::is_link(source) {
        let script = input::script(source.as_ref())?;
        return told(Player::explain(script).timeline(), json, page);
    }
    told(&link::open(source)?, json, page)
}

fn told(timeline: &Timeline, json: bool, page: &str) -> Outcome {
    let chronicle = timeline.chronicle();
    let laws: Vec<String> = chronicle
        .observers
        .violations()
        .iter()
        .map(|broken| {
            let (id, step, at) = (broken.law.id(), broken.step, broken.at);
            format!("{id} at step {step}, {at} s: {}", broken.words)
        })
        .collect();
    let keys = linear::check(&chronicle.history, BUDGET)
        .map_err(|malformed| Refusal(malformed.to_string()))?;
    let (history, mut end) = match linear::verdict(&keys) {
        Verdict::Linearizable => ("linearizable", End::Holds),
        Verdict::Illegal => ("not linearizable", End::Violated),
        Verdict::Undecided => ("undecided", End::Undecided),
    };
    if !laws.is_empty() {
        end = End::Violated;
    }
    let digest = format!("{:016x}", timeline.world().digest());
    let (steps, at) = (timeline.head_step(), timeline.head());
    let address = link::address(page, timeline);
    if json {
        let object = json!({
            "holds": end == End::Holds, "broken": laws, "history": history, "steps": steps,
            "micros": at.as_micros(), "digest": digest, "link": address.ok(),
        });
        say!("{object}");
        return Ok(end);
    }
    laws.iter().for_each(|law| say!("{law}"));
    say!("{steps} steps, {at} s. What clients saw is {history}. Digest {digest}.");
    say!("{}", address.unwrap_or_else(|why| why));
    Ok(end)
}
