//! What the verdict rests on: the history, its evidence, the invariants.

use std::rc::Rc;

use shardscope_core::time::Instant;
use shardscope_core::view::{Evidence, Exhibit, Invariant, Part, Stage};
use yew::{Html, classes, html};

use crate::engine::Verdict;
use crate::geometry::px;
use crate::intent::{Intent, Send};
use crate::words::{self, verdict};

/// What the dialog is drawn from.
pub(crate) struct Grounds<'a> {
    /// What is known of the history.
    pub(crate) verdict: &'a Verdict,
    /// How many operations were answered.
    pub(crate) operations: u64,
    /// Why it is not linearizable.
    pub(crate) evidence: Option<Evidence>,
    /// The invariants.
    pub(crate) invariants: &'a Rc<Vec<Invariant>>,
    /// The picture of the moment, which knows the clients' names.
    pub(crate) stage: &'a Stage,
    /// The page is narrow.
    pub(crate) narrow: bool,
    /// Where intents go.
    pub(crate) send: &'a Send,
}

/// The dialog.
pub(crate) fn grounds(props: &Grounds<'_>) -> Html {
    let broken: Vec<&Invariant> =
        props.invariants.iter().filter(|invariant| here(invariant)).collect();
    let checks = props.invariants.iter().map(|invariant| invariant.checks).sum();
    html! {
        <div class="grounds" data-test="grounds">
            <p class="lead" data-test="grounds-sentence">
                { verdict::sentence(props.verdict, props.operations) }</p>
            if matches!(props.verdict, Verdict::Violated { .. }) {
                { match &props.evidence {
                    Some(evidence) => exhibits(evidence, props.stage, props.narrow),
                    None => html! { <p class="muted">{ verdict::NO_EVIDENCE }</p> },
                } }
            }
            <p class="muted">{ verdict::MEANING }</p>
            <h3>{ verdict::INVARIANTS }</h3>
            <p>{ verdict::invariants(props.invariants.len(), broken.len(), checks) }</p>
            <ul>
                { for broken.into_iter().filter_map(|invariant| {
                    let found = invariant.broken.as_ref()?;
                    let at = found.at;
                    let onclick = props.send.reform(move |_| Intent::Seek(at));
                    Some(html! {
                        <li class="broken">
                            <button class="jump" {onclick}>
                                { format!("{} {}", invariant.id, invariant.name) }</button>
                            { format!(": {} {}", found.words, invariant.meaning) }
                        </li>
                    })
                }) }
            </ul>
        </div>
    }
}

/// It is broken at the cursor.
fn here(invariant: &Invariant) -> bool {
    invariant.broken.as_ref().is_some_and(|broken| !broken.ahead)
}

/// How wide the picture is, and on a narrow page: as wide as its place, or its words would be too
/// small.
const WIDTHS: [f64; 2] = [552.0, 340.0];
/// The part of it that has names.
const NAMES: f64 = 64.0;
const LANE: f64 = 30.0;

fn exhibits(evidence: &Evidence, stage: &Stage, narrow: bool) -> Html {
    let needed = evidence.states.is_none();
    html! {
        <>
            <p data-test="evidence">{ &evidence.words }</p>
            { picture(evidence, stage, WIDTHS[usize::from(narrow)]) }
            <h3>{ verdict::ATTEMPTS[usize::from(needed)] }</h3>
            <p class="muted">{ verdict::states(evidence.states, evidence.earlier) }</p>
            <ol class="attempts">
                { for evidence.attempts.iter().take(4).map(|attempt| {
                    let steps = attempt.order.iter().filter_map(|i| evidence.operations.get(*i));
                    let steps: Vec<&str> = steps.map(|exhibit| exhibit.words.as_str()).collect();
                    html! {
                        <li>
                            <span class="mono">{ steps.join(", then ") }</span>
                            { " – " }
                            { verdict::attempt(&evidence.key, &attempt.state, &attempt.reply,
                                needed) }
                        </li>
                    }
                }) }
            </ol>
        </>
    }
}

/// The operations over time, a lane for each client, numbered as in the longest order.
fn picture(evidence: &Evidence, stage: &Stage, width: f64) -> Html {
    let all = &evidence.operations;
    let mut clients: Vec<_> = all.iter().map(|exhibit| exhibit.client).collect();
    clients.sort_unstable();
    clients.dedup();
    let begin = all.iter().map(|exhibit| exhibit.called).min().unwrap_or_default();
    let end =
        all.iter().flat_map(|exhibit| [Some(exhibit.called), exhibit.returned]).flatten().max();
    let span = end.map_or(1, |end| end.since(begin).as_micros().max(1)) as f64;
    let x =
        |at: Instant| NAMES + (width - NAMES - 8.0) * (at.since(begin).as_micros() as f64 / span);
    let height = LANE * clients.len() as f64;
    let order = evidence.attempts.first().map(|attempt| attempt.order.as_slice());
    let rank = |index| order.and_then(|order| order.iter().position(|other| *other == index));
    html! {
        <svg class="evidence" role="img" viewBox={format!("0 0 {} {}", px(width), px(height + 4.0))}
            aria-label={evidence.words.clone()}>
            { for clients.iter().enumerate().map(|(lane, client)| html! {
                <text class="who" x="0" y={px(LANE * lane as f64 + 20.0)}>
                    { words::node(stage, *client) }</text>
            }) }
            { for all.iter().enumerate().map(|(index, exhibit)| {
                let lane = clients.iter().position(|id| *id == exhibit.client).unwrap_or_default();
                let from = x(exhibit.called);
                let until = exhibit.returned.map_or(width - 2.0, x);
                bar(exhibit, (from, until), LANE * lane as f64 + 4.0, rank(index))
            }) }
        </svg>
    }
}

fn bar(exhibit: &Exhibit, (from, until): (f64, f64), y: f64, rank: Option<usize>) -> Html {
    let part = match exhibit.part {
        Part::Odd => "odd",
        Part::Clashes => "clashes",
        Part::Bystander => "bystander",
    };
    let open = exhibit.returned.is_none().then_some("open");
    let width = (until - from).max(3.0);
    let number = rank.map(|rank| format!("{} ", rank + 1)).unwrap_or_default();
    let label = format!("{number}{}", exhibit.words);
    let room = (width - 8.0).max(0.0) as usize / 7;
    html! {
        <g class={classes!("exhibit", part, open)}>
            <title>{ exhibit.words.clone() }</title>
            <rect x={px(from)} y={px(y)} width={px(width)} height="22" rx="3" />
            <text x={px(from + 4.0)} y={px(y + 15.5)}>{ words::middle(&label, room) }</text>
        </g>
    }
}
