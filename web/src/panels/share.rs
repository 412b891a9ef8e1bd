//! The address of the present moment, to be copied.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDocument, HtmlInputElement};
use yew::{Html, MouseEvent, TargetCast, html};

use crate::intent::{Intent, Send};
use crate::words;

/// The address in a field, and a button that copies it.
pub(crate) fn share_form(link: &str, send: &Send) -> Html {
    let copy = send.reform(|event: MouseEvent| {
        let form = event.target_dyn_into::<Element>().and_then(|at| at.closest(".form").ok()?);
        let field = form.and_then(|form| form.query_selector("input").ok()?);
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            field.select();
        }
        let document = web_sys::window().and_then(|window| window.document());
        let document = document.and_then(|document| document.dyn_into::<HtmlDocument>().ok());
        // It works in pages without a certificate too, where there is no other clipboard.
        let done = document.is_some_and(|all| all.exec_command("copy") == Ok(true));
        Intent::Say(if done { words::COPIED } else { words::NOT_COPIED }.into())
    });
    html! {
        <div class="form">
            <p>{ words::SHARE_HELP }</p>
            <div class="field">
                <input type="text" readonly=true aria-label={words::SHARE_FIELD}
                    value={link.to_owned()} data-test="share-link" />
            </div>
            <p class="muted">
                { words::count(link.len() as u64, "character", "characters") }
            </p>
            <div class="row-end">
                <button class="primary" onclick={copy} data-test="copy-link">
                    { words::COPY }
                </button>
            </div>
        </div>
    }
}
