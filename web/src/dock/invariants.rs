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

/// The list of invariants.
#[component]
pub(crate) fn Invariants(props: &Props) -> Html {
    html! {
        <section class="invariants" aria-label="Invariants" data-test="invariants">
            <h2>{ "Checked after every step" }</h2>
            <ul>
                { for props.invariants.iter().map(|invariant| line(invariant, &props.send)) }
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
