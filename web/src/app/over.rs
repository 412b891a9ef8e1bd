//! What opens over the page: a dialog, a server's menu.

use yew::{Html, html};

use super::App;
use super::judge::Whose;
use crate::intent::Dialog;
use crate::panels::{
    Grounds, History, Modal, OperationForm, Palette, PartitionForm, ServerMenu, SettingsForm,
    Shards, Stories, WorkloadForm, grounds, history, keys_help, rules, shards_form, share_form,
};

impl App {
    /// What stands over the page.
    pub(super) fn over(&self) -> Html {
        let (send, stage) = (self.send.clone(), self.seen.stage.clone());
        let dialog = self.ui.dialog.map(|dialog| {
            let (title, test) = name(dialog);
            let body = self.body(dialog);
            html! { <Modal {title} {test} send={send.clone()}>{ body }</Modal> }
        });
        let menu = self.ui.menu.map(|(id, x, y)| {
            html! { <ServerMenu {id} at={(x, y)} {stage} {send} /> }
        });
        html! { <>{ dialog }{ menu }</> }
    }

    fn body(&self, dialog: Dialog) -> Html {
        let (send, stage) = (self.send.clone(), self.seen.stage.clone());
        match dialog {
            Dialog::Palette => {
                html! { <Palette {stage} over={self.overview().cloned()} {send} /> }
            }
            Dialog::Keys => keys_help(self.ui.single_keys, &send),
            Dialog::Settings => {
                let setup = self.engine.setup().clone();
                html! { <SettingsForm {setup} hurry={self.ui.hurry} {send} /> }
            }
            Dialog::Partition => html! { <PartitionForm {stage} {send} /> },
            Dialog::Stories => {
                let mistake = self.ui.mistake.clone();
                let (waits, open) = (self.waits_for(), self.ui.telling.is_some());
                html! { <Stories {mistake} {waits} {open} {send} /> }
            }
            Dialog::Rules => rules(self.engine.broken(), self.seen.cluster.is_some(), &send),
            Dialog::Shards => self.shards(),
            Dialog::Verdict => self.grounds(),
            Dialog::History => self.history(),
            Dialog::Share => share_form(&self.ui.link, &send),
            Dialog::Workload => html! { <WorkloadForm dials={self.engine.dials()} {send} /> },
            Dialog::Operation => html! { <OperationForm {stage} {send} /> },
        }
    }

    /// What the verdict rests on.
    fn grounds(&self) -> Html {
        grounds(&Grounds {
            verdict: &self.seen.verdict,
            operations: self.answered(),
            judged: self.judged(),
            mistake: self.ui.mistake.as_deref(),
            waits: self.waits_for(),
            invariants: &self.seen.invariants,
            narrow: self.ui.narrow,
            send: &self.send,
        })
    }

    /// What is found out about a file.
    fn history(&self) -> Html {
        let found = self.ui.judged.as_ref().and_then(|(whose, found)| match whose {
            Whose::File(name) => Some((name.as_str(), found)),
            Whose::Run(_) => None,
        });
        history(&History {
            found,
            mistake: self.ui.mistake.as_deref(),
            waits: self.waits_for(),
            narrow: self.ui.narrow,
            send: &self.send,
        })
    }

    /// Groups that join and leave, shards that move.
    fn shards(&self) -> Html {
        let Some(cluster) = &self.seen.cluster else {
            return html! { <p>{ "This run has one group. The settings can make more." }</p> };
        };
        shards_form(&Shards {
            cluster,
            change: self.ui.change,
            plan: self.engine.plan(self.ui.change),
            key: &self.ui.key,
            place: self.engine.whereabouts(&self.ui.key),
            because: &self.seen.because,
            send: &self.send,
        })
    }
}

/// A dialog's title, and its name for tests.
const fn name(dialog: Dialog) -> (&'static str, &'static str) {
    match dialog {
        Dialog::Palette => ("Everything that can be done", "palette-dialog"),
        Dialog::Keys => ("Keys", "keys-dialog"),
        Dialog::Settings => ("Settings", "settings-dialog"),
        Dialog::Partition => ("Partition", "partition-dialog"),
        Dialog::Operation => ("A client's operation", "operation-dialog"),
        Dialog::Workload => ("What the clients do", "workload-dialog"),
        Dialog::Shards => ("Groups and shards", "shards-dialog"),
        Dialog::Stories => ("Stories", "stories-dialog"),
        Dialog::Share => ("Share this moment", "share-dialog"),
        Dialog::Rules => ("Break a rule", "rules-dialog"),
        Dialog::Verdict => ("The verdict", "verdict-dialog"),
        Dialog::History => ("A history file", "history-dialog"),
    }
}
