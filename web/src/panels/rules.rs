//! The rules that can be broken: real bugs, each with its story, to be switched on and hunted.

use shardscope_core::id::MutantId;
use shardscope_core::mutant::{self, Mutant};
use yew::{Html, MouseEvent, classes, html};

use super::stories::fetched;
use crate::icons::{Icon, icon};
use crate::intent::{Intent, Send};
use crate::words::rules as words;

/// The dialog. `broken`: the rule that is broken now; `sharded`: the run has groups and shards.
pub(crate) fn rules(broken: MutantId, sharded: bool, send: &Send) -> Html {
    let mend = send.reform(|_: MouseEvent| Intent::Break(MutantId::Paper));
    let mut last = "";
    let mut rows = Vec::new();
    // Where there are groups, the rules of groups come first.
    for grouped in [sharded, !sharded] {
        for mutant in &mutant::ALL {
            if words::why_not(mutant, false).is_some() != grouped {
                continue;
            }
            let kind = words::kind(mutant);
            if std::mem::replace(&mut last, kind) != kind {
                rows.push(html! { <h3>{ kind }</h3> });
            }
            rows.push(row(mutant, mutant.id == broken, sharded, send));
        }
    }
    html! {
        <div class="stories rules">
            <p class="muted">{ words::HELP }</p>
            if let Some(mutant) = mutant::find(broken) {
                <p class="on" data-test="broken-rule">
                    <span>{ words::on(mutant) }</span>
                    <button class="secondary" onclick={mend} data-test="mend-rule">
                        { words::MEND }</button>
                </p>
            }
            <div class="choices">
                { rows }
            </div>
        </div>
    }
}

fn row(mutant: &'static Mutant, on: bool, sharded: bool, send: &Send) -> Html {
    let why_not = words::why_not(mutant, sharded);
    let id = if on { MutantId::Paper } else { mutant.id };
    let switch = send.reform(move |_: MouseEvent| Intent::Break(id));
    let story = {
        let file = format!("mutants/{}.script", mutant.script);
        let play = fetched(send);
        move |_: MouseEvent| play.emit(file.clone())
    };
    html! {
        <div class={classes!("rule", on.then_some("on"))}>
            <button class="choice" onclick={switch} disabled={why_not.is_some()}
                aria-pressed={on.to_string()} data-test="rule"
                data-rule={mutant.id.to_string()}>
                if on { { icon(Icon::Cross) } } else { <span class="icon"></span> }
                <span class="what">
                    { words::title(mutant) }
                    <small>{ why_not.unwrap_or_else(|| words::what(mutant)) }</small>
                </span>
            </button>
            <button class="secondary" onclick={story} data-test="rule-story"
                aria-label={words::story_of(mutant)}>{ words::STORY }</button>
        </div>
    }
}
