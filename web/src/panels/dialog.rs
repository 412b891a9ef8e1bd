//! A modal dialog: the browser's own, so that focus and Escape behave as everywhere.

use web_sys::HtmlDialogElement;
use yew::{Children, Event, Html, MouseEvent, Properties, TargetCast, component, html};
use yew::{use_effect_with, use_node_ref};

use crate::focus::focus;
use crate::icons::{Icon, icon};
use crate::intent::{Intent, Send};

/// What a dialog is made of.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Its title.
    pub(crate) title: &'static str,
    /// Its name for tests.
    pub(crate) test: &'static str,
    /// What is in it.
    pub(crate) children: Children,
    /// Where intents go.
    pub(crate) send: Send,
}

/// A dialog that is open as long as it is on the page.
#[component]
pub(crate) fn Modal(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // It fails only if the dialog is open already.
                let _ = dialog.show_modal();
                // What is to be filled in comes before the button that closes.
                focus(dialog.query_selector("input, select").ok().flatten());
            }
            // Closed before it leaves the page, it gives the focus back to whoever had it.
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let oncancel = props.send.reform(|event: Event| {
        event.prevent_default();
        Intent::Open(None)
    });
    let close = props.send.reform(|_: MouseEvent| Intent::Open(None));
    let onclick = {
        let (send, node) = (props.send.clone(), node.clone());
        yew::Callback::from(move |event: MouseEvent| {
            // A click on the dialog itself is a click on its backdrop.
            let outside = event.target_dyn_into::<HtmlDialogElement>();
            if outside.is_some() && outside == node.cast::<HtmlDialogElement>() {
                send.emit(Intent::Open(None));
            }
        })
    };
    html! {
        <dialog ref={node} class="modal" aria-label={props.title} {oncancel} {onclick}
            data-test={props.test}>
            <div class="sheet">
                <header>
                    <h2>{ props.title }</h2>
                    <button class="tool" onclick={close} aria-label="Close" data-test="close">
                        { icon(Icon::Cross) }
                    </button>
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
