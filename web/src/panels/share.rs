//! The address of the present moment, to be copied.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlInputElement};
use yew::{Html, MouseEvent, Properties, component, html, use_node_ref};

use crate::intent::{Intent, Send};
use crate::words;

/// What it is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The address.
    pub(crate) link: String,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The address in a field, and a button that copies it.
#[component]
pub(crate) fn ShareForm(props: &Props) -> Html {
    let node = use_node_ref();
    let copy = {
        let node = node.clone();
        props.send.reform(move |_: MouseEvent| {
            let field = node.cast::<HtmlInputElement>();
            let document = web_sys::window().and_then(|window| window.document());
            let document = document.and_then(|document| document.dyn_into::<HtmlDocument>().ok());
            if let Some(field) = field {
                field.select();
            }
            // It works in pages without a certificate too, where there is no other clipboard.
            let done = document.is_some_and(|all| all.exec_command("copy") == Ok(true));
            Intent::Say(if done { words::COPIED } else { words::NOT_COPIED }.into())
        })
    };
    html! {
        <div class="form">
            <p>{ words::SHARE_HELP }</p>
            <div class="field">
                <input ref={node} type="text" readonly=true aria-label={words::SHARE_FIELD}
                    value={props.link.clone()} data-test="share-link" />
            </div>
            <p class="muted">
                { words::count(props.link.len() as u64, "character", "characters") }
            </p>
            <div class="row-end">
                <button class="primary" onclick={copy} data-test="copy-link">
                    { words::COPY }
                </button>
            </div>
        </div>
    }
}
