//! The strip of a story: its sentence, its question, and the way back and forth.

use yew::{Html, MouseEvent, classes, html};

use crate::engine::What;
use crate::icons::{Icon, icon};
use crate::intent::{Intent, Send};
use crate::story::Telling;
use crate::words::story;

/// The element of the page that goes on with a story.
pub(crate) const NEXT: &str = "story-next";

/// What the strip is drawn from.
pub(crate) struct Strip<'a> {
    /// The story.
    pub(crate) telling: &'a Telling,
    /// What stands below its sentence.
    pub(crate) below: String,
    /// The run is on its way to the next beat.
    pub(crate) going: bool,
    /// Nothing is before.
    pub(crate) begins: bool,
    /// Where intents go.
    pub(crate) send: &'a Send,
}

/// The strip.
pub(crate) fn strip(strip: &Strip<'_>) -> Html {
    let telling = strip.telling;
    let on = |intent: Intent| strip.send.reform(move |_: MouseEvent| intent.clone());
    let failed = matches!(telling.current().map(|stop| &stop.what), Some(What::Fail(..)));
    let kind = match telling.current().map(|stop| &stop.what) {
        None => "title",
        Some(What::Say(_)) => "say",
        Some(What::Ask(_)) => "ask",
        Some(What::Answer { .. }) => "answer",
        Some(What::Fail(..)) => "fail",
        Some(What::End(_)) => "end",
    };
    let (waits, ends) = (telling.waits(), telling.next().is_none());
    let why = match (waits, ends) {
        (true, _) => Some(story::CHOOSE_FIRST),
        (_, true) => Some(story::NO_MORE),
        _ => None,
    };
    html! {
        <section class={classes!("narration", "story", failed.then_some("failed"))}
            aria-label="Story" data-test="story" data-beat={telling.done.to_string()}>
            <div>
                <h2 data-test="beat" data-kind={kind}>
                    if failed { { icon(Icon::Cross) } }
                    { story::sentence(telling) }
                </h2>
                { answers(telling, strip.send) }
                <p data-test="consequence">
                    <b data-test="progress">{ story::progress(telling) }</b>
                    { format!(" · {}", strip.below) }
                </p>
            </div>
            <button class="tool" onclick={on(Intent::CloseStory)} aria-label="Close the story"
                title="Close the story" data-test="story-close">{ icon(Icon::Cross) }</button>
            <button class="secondary" onclick={on(Intent::Beat(false))}
                title={strip.begins.then_some(story::NO_LESS)}
                aria-disabled={strip.begins.to_string()} data-test="story-back">{ "Back" }</button>
            <button class="primary" id={NEXT} onclick={on(Intent::Beat(true))} title={why}
                aria-disabled={why.is_some().to_string()} data-test="story-next">
                { if strip.going { "At once" } else { "Next" } }
            </button>
        </section>
    }
}

/// The choices of the question that was asked: one can be pressed, once.
fn answers(telling: &Telling, send: &Send) -> Html {
    let Some((index, asked)) = telling.question() else { return Html::default() };
    let (pick, open) = (telling.pick(index), telling.waits());
    let right = match telling.current().map(|stop| &stop.what) {
        Some(What::Answer { right, .. }) => Some(*right),
        _ => None,
    };
    html! {
        <div class="answers" role="group" aria-label="Answers">
            { for asked.choices.iter().enumerate().map(|(choice, text)| {
                let onclick = send.reform(move |_: MouseEvent| Intent::Choose(choice));
                let truth = right.map(|right| if right == choice { "right" } else { "wrong" });
                html! {
                    <button class="secondary" {onclick} aria-disabled={(!open).to_string()}
                        aria-pressed={(pick == Some(choice)).to_string()} data-truth={truth}
                        data-test="choice">
                        if right == Some(choice) { { icon(Icon::Check) } }
                        else if right.is_some() && pick == Some(choice) { { icon(Icon::Cross) } }
                        { text.clone() }
                    </button>
                }
            }) }
        </div>
    }
}
