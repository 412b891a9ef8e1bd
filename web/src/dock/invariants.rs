//! The invariants and their state now.

use std::rc::Rc;

use shardscope_core::view::Invariant;
use yew::{Html, Properties, component, html};

use crate::icons::{Icon, icon};
use crate::intent::{Intent, Send};

/// What the list is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The invariants.
    pub(crate) invariants: Rc<Vec<Invariant>>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// So many are shown beside the tracks: the style sheet hides the others there.
const SHOWN: usize = 7;

/// The list of invariants.
#[component]
pub(crate) fn Invariants(props: &Props) -> Html {
    // There is room for a few: what does not hold comes first, the text view has all.
    let of = |broken: bool| {
        props.invariants.iter().filter(move |invariant| invariant.broken.is_some() == broken)
    };
    let more = props.invariants.len().saturating_sub(SHOWN);
    html! {
        <section class="invariants" aria-label="Invariants" data-test="invariants">
            <h2>{ "Checked after every step" }</h2>
            <ul>
                { for of(true).chain(of(false)).map(|invariant| line(invariant, &props.send)) }
                <li class="others">{ format!("and {more} more") }</li>
            </ul>
        </section>
    }
}

fn line(invariant: &Invariant, send: &Send) -> Html {
    let title = format!(
        "{} {} Judged {} times on this branch.",
        invariant.id, invariant.meaning, invariant.checks
    );
    match &invariant.broken {
        None => html! {
            <li {title} data-test="invariant" data-state="holds">
                { icon(Icon::Check) }
                <span class="what">{ invariant.name }</span>
                <span class="unseen">{ "holds" }</span>
            </li>
        },
        Some(broken) => {
            let (class, words) = if broken.ahead {
                ("later", format!("{}: broken later", invariant.name))
            } else {
                ("broken", format!("{}: broken", invariant.name))
            };
            let at = broken.at;
            let onclick = send.reform(move |_| Intent::Seek(at));
            html! {
                <li {class} {title} data-test="invariant" data-state={class}>
                    { icon(Icon::Cross) }
                    <button class="what" {onclick} title={broken.words.clone()}>
                        { words }
                    </button>
                </li>
            }
        }
    }
}
