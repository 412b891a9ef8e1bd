//! Why something waits.

use yew::{Callback, Html, MouseEvent, classes, html};

use crate::engine::Because;
use crate::icons::{Icon, icon};
use crate::intent::{Intent, Pick, Send};
use crate::words::why;

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
            <p class="servers">
                { for of.servers.iter().map(|(id, name)| {
                    let pick = Pick::Server(*id);
                    button(name.clone(), "why-server", Intent::Select(Some(pick)), send)
                }) }
                { for of.groups.iter().map(|gid| {
                    button(why::open(*gid), "why-group", Intent::Enter(Some(*gid)), send)
                }) }
            </p>
        </div>
    }
}

/// A button that leads to somebody who is named; a dialog does not stay in the way.
fn button(label: String, test: &'static str, intent: Intent, send: &Send) -> Html {
    let send = send.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        send.emit(Intent::Open(None));
        send.emit(intent.clone());
    });
    html! {
        <button type="button" class="secondary" {onclick} data-test={test}>{ label }</button>
    }
}
