//! What opens over or beside the stage.

mod dialog;
mod exhibits;
mod field;
mod findings;
mod history;
mod inspector;
mod keys_help;
mod menu;
mod messages;
mod operation;
mod palette;
mod partition;
mod rules;
mod server;
mod settings;
mod shards;
mod share;
mod stories;
mod story;
mod text_view;
mod verdict;
mod why;
mod workload;

pub(crate) use dialog::Modal;
pub(crate) use history::{History, history};
pub(crate) use inspector::{INSPECTOR, Inspector};
pub(crate) use keys_help::keys_help;
pub(crate) use menu::{PageMenu, ServerMenu};
pub(crate) use operation::OperationForm;
pub(crate) use palette::Palette;
pub(crate) use partition::PartitionForm;
pub(crate) use rules::rules;
pub(crate) use settings::SettingsForm;
pub(crate) use shards::{Shards, shards_form};
pub(crate) use share::share_form;
pub(crate) use stories::{Stories, opened};
pub(crate) use story::{NEXT, Strip, strip};
pub(crate) use text_view::{TEXT_VIEW, TextView};
pub(crate) use verdict::{Grounds, grounds};
pub(crate) use workload::WorkloadForm;

use yew::{Html, html};

use crate::actions::Choice;
use crate::icons::icon;
use crate::intent::Send;

/// A column of buttons; what would do nothing is disabled and says why.
fn choices(choices: Vec<Choice>, send: &Send) -> Html {
    html! {
        <div class="choices">
            { for choices.into_iter().map(|choice| button(choice, send)) }
        </div>
    }
}

/// One choice as a button.
fn button(choice: Choice, send: &Send) -> Html {
    let Choice { label, intent, why_not, key, icon: picture, test } = choice;
    let disabled = why_not.is_some();
    let onclick = send.reform(move |_| intent.clone());
    html! {
        <button class="choice" {onclick} {disabled} data-test={test}>
            { icon(picture) }
            <span class="what">
                { label }
                if let Some(why) = why_not {
                    <small>{ why }</small>
                }
            </span>
            if !key.is_empty() {
                <kbd>{ key }</kbd>
            }
        </button>
    }
}
