//! Everything that can be done, found by typing.

use std::rc::Rc;

use shardscope_core::view::{Cluster, Stage};
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::{Callback, Html, InputEvent, KeyboardEvent, NodeRef, Properties, TargetCast};
use yew::{component, html, use_node_ref, use_state};

use super::button;
use super::menu::buttons;
use crate::actions::{self, Choice};
use crate::focus::focus;
use crate::host::lower_case;
use crate::intent::{Intent, Send};

/// More letters than this are not looked at.
const LETTERS: usize = 60;
/// More choices than this are only counted.
const SHOWN: usize = 40;

/// What the palette is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// All groups, if they are shown.
    pub(crate) over: Option<Rc<Cluster>>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The palette.
#[component]
pub(crate) fn Palette(props: &Props) -> Html {
    let typed = use_state(String::new);
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            typed.set(input.value().chars().take(LETTERS).collect());
        })
    };
    let all = match &props.over {
        Some(cluster) => actions::over(cluster),
        None => actions::all(&props.stage),
    };
    let found = find(&all, &typed);
    let (field, list) = (use_node_ref(), use_node_ref());
    let onarrow = arrows(&field, &list);
    let send = {
        let send = props.send.clone();
        Send::from(move |intent| {
            send.emit(Intent::Open(None));
            send.emit(intent);
        })
    };
    let onkeydown = {
        let (send, first) = (send.clone(), found.iter().find(|c| c.why_not.is_none()).cloned());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter"
                && let Some(choice) = &first
            {
                event.prevent_default();
                send.emit(choice.intent.clone());
            }
        })
    };
    html! {
        <div class="palette" onkeydown={onarrow}>
            <input ref={field} type="text" autofocus=true
                placeholder="Type what you want to do" {oninput} {onkeydown}
                maxlength={LETTERS.to_string()} aria-label="Find an action"
                data-test="palette-input" autocomplete="off" spellcheck="false" />
            <div class="choices" ref={list}>
                { for found.iter().take(SHOWN).map(|choice| button(choice.clone(), &send)) }
                if found.len() > SHOWN {
                    <p class="muted">
                        { format!("and {} more: type to find them", found.len() - SHOWN) }</p>
                }
                if found.is_empty() {
                    <p class="muted">
                        { "Nothing by that name. Try \"crash\", \"cut\" or \"speed\"." }</p>
                }
            </div>
        </div>
    }
}

/// The arrow keys lead from the field to the first choice and on, and back.
fn arrows(field: &NodeRef, list: &NodeRef) -> Callback<KeyboardEvent> {
    let (field, list) = (field.clone(), list.clone());
    Callback::from(move |event: KeyboardEvent| {
        let Some(list) = list.cast::<HtmlElement>() else { return };
        let (all, target) = (buttons(&list), event.target_dyn_into::<Element>());
        let here = all.iter().position(|button| Some(button.as_ref()) == target.as_ref());
        let next = match (event.key().as_str(), here) {
            ("ArrowDown", here) => all.get(here.map_or(0, |here| here + 1)).map(AsRef::as_ref),
            ("ArrowUp", Some(here)) if here > 0 => all.get(here - 1).map(AsRef::as_ref),
            ("ArrowUp", _) => None,
            _ => return,
        };
        event.prevent_default();
        match next.cloned() {
            Some(button) => focus(Some(button)),
            None if event.key() == "ArrowUp" => focus(field.cast()),
            None => {}
        }
    })
}

/// The choices whose words contain every typed word.
fn find(all: &[Choice], typed: &str) -> Vec<Choice> {
    let typed = lower_case(typed);
    let matches = |choice: &&Choice| {
        let label = lower_case(&choice.label);
        typed.split_whitespace().all(|word| label.contains(word))
    };
    all.iter().filter(matches).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::icons::Icon;

    #[test]
    fn every_typed_word_must_occur() {
        let choice = |label: &str| Choice {
            label: label.into(),
            intent: Intent::Live,
            why_not: None,
            key: "",
            icon: Icon::Cut,
            test: "",
        };
        let all = [choice("Crash S1"), choice("Crash S2"), choice("Cut the link")];
        assert_eq!(find(&all, "cr 2"), [choice("Crash S2")]);
        assert_eq!(find(&all, "").len(), 3);
    }
}
