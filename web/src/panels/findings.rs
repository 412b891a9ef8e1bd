//! What the judge found out about a history: the consistency models, and the evidence.

use shardscope_judge::findings::{Evidence, Findings, Verdict};
use yew::{Html, html};

use super::exhibits::{Picture, picture};
use crate::icons::{Icon, icon};
use crate::words::verdict as words;

/// How wide the evidence is, and on a narrow page: as wide as its place, or its words would be too
/// small.
const WIDTHS: [f64; 2] = [552.0, 340.0];

/// The models with their verdicts.
pub(super) fn models(found: &Findings) -> Html {
    html! {
        <>
            <h3>{ words::MODELS }</h3>
            <ul class="models" data-test="models">
                { for found.models.iter().map(|model| {
                    let (state, picture) = match model.verdict {
                        Verdict::Holds => ("holds", Icon::Check),
                        Verdict::Violated => ("violated", Icon::Cross),
                        Verdict::Undecided | Verdict::Untold => ("undecided", Icon::Clock),
                    };
                    html! {
                        <li class={state} data-model={model.name.clone()} data-state={state}>
                            { icon(picture) }
                            <b>{ words::model(&model.name) }</b>
                            { " " }
                            { words::ruling(model) }
                        </li>
                    }
                }) }
            </ul>
        </>
    }
}

/// Why it is not linearizable: drawn, and in words.
pub(super) fn evidence(evidence: &Evidence, name: &dyn Fn(u64) -> String, narrow: bool) -> Html {
    let needed = evidence.states.is_none();
    let order = evidence.attempts.first().map(|attempt| attempt.order.as_slice());
    html! {
        <>
            <p data-test="evidence">{ &evidence.words }</p>
            { picture(Picture {
                all: &evidence.operations,
                name,
                order: order.unwrap_or_default(),
                width: WIDTHS[usize::from(narrow)],
                label: evidence.words.clone(),
            }) }
            <h3>{ words::ATTEMPTS[usize::from(needed)] }</h3>
            <p class="muted">{ words::states(evidence.states, evidence.earlier) }</p>
            <ol class="attempts">
                { for evidence.attempts.iter().take(4).map(|attempt| {
                    let steps = attempt.order.iter().filter_map(|i| evidence.operations.get(*i));
                    let steps: Vec<&str> = steps.map(|exhibit| exhibit.words.as_str()).collect();
                    html! {
                        <li>
                            <span class="mono">{ steps.join(", then ") }</span>
                            { " – " }
                            { words::attempt(&evidence.key, &attempt.state, &attempt.reply,
                                needed) }
                        </li>
                    }
                }) }
            </ol>
        </>
    }
}
