//! Why something waits.

use yew::{Html, MouseEvent, classes, html};

use crate::engine::Because;
use crate::icons::{Icon, icon};
use crate::intent::{Intent, Pick, Send};
use crate::words::{self, why};

/// What waits and why, from what is asked about down to the root.
pub(super) fn because(all: &[Because], send: &Send) -> Html {
    html! {
        <section class="why" data-test="why">
            <h3>{ why::TITLE }</h3>
            if all.is_empty() {
                <p class="muted">{ why::NOTHING }</p>
            }
            { for all.iter().map(|of| one(of, send)) }
        </section>
    }
}

fn one(of: &Because, send: &Send) -> Html {
    let (state, picture) = match of.stuck {
        true => ("stuck", Icon::Cross),
        false => ("underway", Icon::Clock),
    };
    html! {
        <div class={classes!("because", state)} data-state={state}>
            <p class="state">{ icon(picture) }{ why::state(of.stuck) }</p>
            <ol>
                { for of.steps.iter().map(|step| html! { <li>{ step }</li> }) }
            </ol>
            if !of.servers.is_empty() {
                <p class="servers">
                    { for of.servers.iter().map(|id| {
                        let pick = Pick::Server(*id);
                        let onclick = send.reform(move |_: MouseEvent| {
                            Intent::Select(Some(pick.clone()))
                        });
                        html! {
                            <button class="secondary" {onclick} data-test="why-server">
                                { words::server_name(*id) }</button>
                        }
                    }) }
                </p>
            }
        </div>
    }
}
