//! All stories of the repository, a visitor's own, and the ways to keep one.

use std::rc::Rc;

use web_sys::{Event, HtmlElement, HtmlInputElement};
use yew::{Callback, Html, NodeRef, Properties, TargetCast, component, html};
use yew::{MouseEvent, use_effect_with, use_node_ref, use_state};

use super::button;
use super::field::complaint;
use crate::actions::Choice;
use crate::files::{self, Given};
use crate::focus::focus;
use crate::icons::Icon;
use crate::intent::{Intent, Send};
use crate::words::story;

/// Where the scripts are, beside the page, and in that folder the list of them.
const FOLDER: &str = "stories/";
const LIST: &str = "stories/index.txt";

/// What the dialog is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// What is wrong with the script that was opened last.
    pub(crate) mistake: Option<String>,
    /// What the visitor waits for.
    pub(crate) waits: Option<String>,
    /// A story is open, so that it can be saved.
    pub(crate) open: bool,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The list of stories, once it is there; nothing, if it cannot be had.
type List = Option<Option<Rc<str>>>;

/// The dialog.
#[component]
pub(crate) fn Stories(props: &Props) -> Html {
    let list = use_state(|| -> List { None });
    let node = use_node_ref();
    {
        let list = list.clone();
        use_effect_with((), move |()| {
            let got = move |text: Option<String>| list.set(Some(text.map(Rc::from)));
            files::fetch(LIST, Callback::from(got));
        });
    }
    {
        let node = node.clone();
        use_effect_with(list.is_some(), move |_| first(&node));
    }
    let pick = fetched(&props.send);
    let onchange = {
        let got = opened(&props.send);
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            files::read(input.files(), got.clone());
            // The same file can be chosen again, once it was mended.
            input.set_value("");
        })
    };
    let on = |intent: Intent| props.send.reform(move |_: MouseEvent| intent.clone());
    html! {
        <div class="stories">
            { waiting_in(props, &node) }
            { props.mistake.as_deref().map_or_else(Html::default, complaint) }
            <div ref={node}>
                { rows(&list, &pick) }
            </div>
            <label class="field">
                <span>{ "Open a script file, or drop one on the page" }</span>
                <input type="file" accept=".script,.txt,text/plain" {onchange}
                    data-test="story-file" />
            </label>
            <div class="presets">
                <button class="secondary" onclick={on(Intent::SaveRun)} data-test="save-run">
                    { "Save this run as a script" }</button>
                if props.open {
                    <button class="secondary" onclick={on(Intent::SaveStory)}
                        data-test="save-story">{ "Save this story" }</button>
                }
            </div>
        </div>
    }
}

/// Fetches a script of the repository and tells it.
pub(super) fn fetched(send: &Send) -> Callback<String> {
    let send = send.clone();
    Callback::from(move |file: String| {
        let path = format!("{FOLDER}{file}");
        let got = send.reform(move |text: Option<String>| {
            text.map_or_else(|| Intent::Mistake(story::no_script(&file)), Intent::Tell)
        });
        files::fetch(&path, got);
    })
}

/// The same in this dialog: the button that has the focus goes, and the list gets it.
fn waiting_in(props: &Props, list: &NodeRef) -> Html {
    let (send, list) = (props.send.clone(), list.clone());
    let send = Send::from(move |intent| {
        first(&list);
        send.emit(intent);
    });
    waiting(props.waits.as_deref(), &send)
}

/// What the visitor waits for, and the way to wait no longer.
pub(super) fn waiting(waits: Option<&str>, send: &Send) -> Html {
    let give_up = send.reform(|_: MouseEvent| Intent::GiveUp);
    html! {
        <div class={waits.map(|_| "presets waiting")} role="status">
            if let Some(sentence) = waits {
                <p data-test="waiting">{ sentence }</p>
                <button class="secondary" onclick={give_up} data-test="give-up">
                    { "Give up" }</button>
            }
        </div>
    }
}

/// The first story gets the focus.
fn first(list: &NodeRef) {
    let list = list.cast::<HtmlElement>();
    focus(list.and_then(|list| list.query_selector("button").ok().flatten()));
}

/// What becomes of a visitor's file once it was read: it is told, or judged.
pub(crate) fn opened(send: &Send) -> Callback<Option<Given>> {
    send.reform(|given: Option<Given>| match given {
        None => Intent::Mistake(story::UNREADABLE.into()),
        Some(given) if given.is_history() => Intent::Judge(given),
        Some(given) => Intent::Tell(given.text()),
    })
}

/// The stories, in their kinds: each line of the list has a kind, a file and a title.
fn rows(list: &List, pick: &Callback<String>) -> Html {
    let text = match list {
        None => return html! { <p class="muted">{ "Fetching the list…" }</p> },
        Some(None) => return complaint(story::NO_LIST),
        Some(Some(text)) => text,
    };
    let mut last = "";
    let rows = text.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        let (kind, file, title) = (parts.next()?, parts.next()?, parts.next()?);
        let heading = (std::mem::replace(&mut last, kind) != kind).then(|| kind.to_owned());
        let send = pick.reform({
            let file = file.to_owned();
            move |_: Intent| file.clone()
        });
        let (label, intent) = (title.to_owned(), Intent::Open(None));
        let choice =
            Choice { label, intent, why_not: None, key: "", icon: Icon::Book, test: "tale" };
        Some(html! {
            <>
                if let Some(kind) = heading { <h3>{ kind }</h3> }
                { button(choice, &send) }
            </>
        })
    });
    html! { <div class="choices" data-test="tales">{ for rows }</div> }
}
