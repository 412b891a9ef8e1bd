//! The list of keys.

use yew::{Html, MouseEvent, html};

use crate::intent::{Intent, Send};
use crate::words;

/// The list of keys.
pub(crate) fn keys_help(single: bool, send: &Send) -> Html {
    let toggle = send.reform(|_: MouseEvent| Intent::SingleKeys);
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
                <input type="checkbox" checked={single} onclick={toggle}
                    data-test="single-keys" />
                { "Single keys act" }
            </label>
        </>
    }
}
