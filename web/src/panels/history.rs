//! A visitor's file with what clients saw, of any store: its picture and its verdict.

use shardscope_judge::findings::{Findings, Part};
use web_sys::{Event, HtmlInputElement};
use yew::{Callback, Html, TargetCast, html};

use super::exhibits::{Picture, natural_width, picture};
use super::field::complaint;
use super::findings::{evidence, models};
use super::stories::waiting;
use crate::files;
use crate::intent::{Intent, Send};
use crate::words::verdict as words;

/// What the dialog is drawn from.
pub(crate) struct History<'a> {
    /// A file's name, and what was found out about it.
    pub(crate) found: Option<(&'a str, &'a Findings)>,
    /// What is wrong with the file that was opened last.
    pub(crate) mistake: Option<&'a str>,
    /// What the visitor waits for.
    pub(crate) waits: Option<String>,
    /// The page is narrow.
    pub(crate) narrow: bool,
    /// Where intents go.
    pub(crate) send: &'a Send,
}

/// The dialog.
pub(crate) fn history(props: &History<'_>) -> Html {
    let onchange = {
        let send = props.send.clone();
        let got = send.reform(|given: Option<files::Given>| match given {
            None => Intent::Mistake(words::UNREADABLE.into()),
            Some(given) => Intent::Judge(given),
        });
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            files::read(input.files(), got.clone());
            // The same file can be chosen again, once it was mended.
            input.set_value("");
        })
    };
    html! {
        <div class="grounds" data-test="history">
            <p>{ words::HISTORY }</p>
            <label class="field">
                <span>{ words::OPEN_HISTORY }</span>
                <input type="file" accept=".jsonl,.json,.edn,.log,.txt" {onchange}
                    data-test="history-file" />
            </label>
            { waiting(props.waits.as_deref(), props.send) }
            { props.mistake.map_or_else(Html::default, complaint) }
            { props.found.map_or_else(Html::default, |(file, found)| {
                findings(file, found, props.narrow)
            }) }
        </div>
    }
}

fn findings(file: &str, found: &Findings, narrow: bool) -> Html {
    let odd = found.picture.iter().any(|exhibit| exhibit.part == Part::Odd);
    let shown = found.picture.len();
    html! {
        <>
            <p class="lead" role="status" data-test="found">{ words::file(file, found) }</p>
            if let Some(why) = &found.evidence {
                { evidence(why, &words::process, narrow) }
            }
            { models(found) }
            <h3>{ words::PICTURE }</h3>
            <p class="muted">{ words::shown(shown, found.calls, odd) }</p>
            <div class="scroll" tabindex="0" role="group" aria-label={words::PICTURE}
                data-test="history-picture">
                { picture(Picture {
                    all: &found.picture,
                    name: &words::process,
                    order: &[],
                    width: natural_width(&found.picture),
                    label: words::shown(shown, found.calls, odd),
                }) }
            </div>
        </>
    }
}
