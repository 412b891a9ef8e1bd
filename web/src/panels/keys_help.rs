//! The list of keys.

use yew::{Html, MouseEvent, Properties, component, html};

use crate::intent::{Intent, Send};
use crate::words;

/// What the list is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Single keys act.
    pub(crate) single: bool,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The list of keys.
#[component]
pub(crate) fn KeysHelp(props: &Props) -> Html {
    let toggle = props.send.reform(|_: MouseEvent| Intent::SingleKeys);
    html! {
        <>
            <p class="muted">
                { "Single keys act while the stage, the dock or the transport has the focus." }
            </p>
            <dl class="keys">
                { for words::KEYS.iter().map(|(key, what)| html! {
                    <><dt><kbd>{ *key }</kbd></dt><dd>{ *what }</dd></>
                }) }
            </dl>
            <label class="check">
                <input type="checkbox" checked={props.single} onclick={toggle}
                    data-test="single-keys" />
                { "Single keys act" }
            </label>
        </>
    }
}
