//! What the verdict rests on: the history, its evidence, the consistency models, the invariants.

use std::rc::Rc;

use shardscope_core::time::Instant;
use shardscope_core::view::Invariant;
use shardscope_judge::findings::Findings;
use yew::{Html, MouseEvent, html};

use super::field::complaint;
use super::findings::{evidence, models};
use super::stories::waiting;
use crate::engine::Verdict;
use crate::intent::{Dialog, Intent, Send};
use crate::words::{self, verdict};

/// What the dialog is drawn from.
pub(crate) struct Grounds<'a> {
    /// What is known of the history.
    pub(crate) verdict: &'a Verdict,
    /// How many operations were answered.
    pub(crate) operations: u64,
    /// What the judge found out, and up to when.
    pub(crate) judged: Option<(Instant, &'a Findings)>,
    /// Why the judge found out nothing.
    pub(crate) mistake: Option<&'a str>,
    /// What the visitor waits for.
    pub(crate) waits: Option<String>,
    /// The invariants.
    pub(crate) invariants: &'a Rc<Vec<Invariant>>,
    /// The page is narrow.
    pub(crate) narrow: bool,
    /// Where intents go.
    pub(crate) send: &'a Send,
}

/// The dialog.
pub(crate) fn grounds(props: &Grounds<'_>) -> Html {
    let open = props.send.reform(|_: MouseEvent| Intent::Open(Some(Dialog::History)));
    // What is wrong comes first.
    let violated = matches!(props.verdict, Verdict::Violated { .. });
    let first = !violated && props.invariants.iter().any(here);
    html! {
        <div class="grounds" data-test="grounds">
            if first {
                { invariants(props) }
            }
            <p class="lead" data-test="grounds-sentence">
                { verdict::sentence(props.verdict, props.operations) }</p>
            { waiting(props.waits.as_deref(), props.send) }
            { props.mistake.map_or_else(Html::default, complaint) }
            { props.judged.map_or_else(Html::default, |(at, found)| judged(props, at, found)) }
            if !first {
                { invariants(props) }
            }
            <button class="secondary" onclick={open} data-test="open-history">
                { verdict::OPEN_FILE }</button>
        </div>
    }
}

fn judged(props: &Grounds<'_>, at: Instant, found: &Findings) -> Html {
    let violated = matches!(props.verdict, Verdict::Violated { .. });
    html! {
        <>
            { match &found.evidence {
                Some(why) => evidence(why, &verdict::client, props.narrow),
                None if violated => html! { <p class="muted">{ verdict::NO_EVIDENCE }</p> },
                None => Html::default(),
            } }
            <p class="muted">{ verdict::MEANING }</p>
            { models(found) }
            <p class="muted" data-test="judged-until">
                { verdict::until(&words::clock(at.as_micros()), found) }</p>
        </>
    }
}

fn invariants(props: &Grounds<'_>) -> Html {
    let broken: Vec<&Invariant> =
        props.invariants.iter().filter(|invariant| here(invariant)).collect();
    let checks = props.invariants.iter().map(|invariant| invariant.checks).sum();
    html! {
        <>
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
        </>
    }
}

/// It is broken at the cursor.
fn here(invariant: &Invariant) -> bool {
    invariant.broken.as_ref().is_some_and(|broken| !broken.ahead)
}
