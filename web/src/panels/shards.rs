//! Groups that join and leave, shards that move: the plan first. And where a key is.

use shardscope_core::id::{Gid, ShardId};
use shardscope_core::view::{Cluster, Plan, Whereabouts};
use web_sys::HtmlInputElement;
use yew::{Callback, Html, InputEvent, MouseEvent, SubmitEvent, TargetCast, html};

use super::field::{choice, complaint, submit};
use super::why::because;
use crate::actions::{Choice, of_group};
use crate::engine::{Because, Change, Deed};
use crate::intent::{Intent, Send};
use crate::words;

/// More letters of a key than this are not looked at.
const LETTERS: usize = 60;
/// More lines of a plan than this are only counted.
const LINES: usize = 12;

/// What the form is drawn from.
pub(crate) struct Shards<'a> {
    /// The picture of the moment.
    pub(crate) cluster: &'a Cluster,
    /// The change that is thought of.
    pub(crate) change: Change,
    /// What it would do, or why nothing.
    pub(crate) plan: Result<Plan, String>,
    /// The key that is looked for.
    pub(crate) key: &'a str,
    /// Where it is.
    pub(crate) place: Option<Whereabouts>,
    /// What waits and has to do with the shard or the group of the change.
    pub(crate) because: &'a [Because],
    /// Where intents go.
    pub(crate) send: &'a Send,
}

/// The kinds of a change.
const KINDS: [(&str, &str); 3] =
    [("move", "Move a shard"), ("join", "Let a group join"), ("leave", "Let a group leave")];

/// A change taken apart: kind, shard, group.
const fn parts(change: Change) -> (&'static str, ShardId, Gid) {
    match change {
        Change::Move(shard, gid) => ("move", shard, gid),
        Change::Join(gid) => ("join", ShardId(0), gid),
        Change::Leave(gid) => ("leave", ShardId(0), gid),
    }
}

/// The change with one part replaced, by the fields' order in the form.
fn replaced(change: Change, index: usize, value: &str) -> Change {
    let (kind, shard, gid) = parts(change);
    let number = value.parse().unwrap_or_default();
    match (if index == 0 { value } else { kind }, index) {
        ("join", 2) => Change::Join(Gid(number)),
        ("leave", 2) => Change::Leave(Gid(number)),
        ("join", _) => Change::Join(gid),
        ("leave", _) => Change::Leave(gid),
        (_, 1) => Change::Move(ShardId(number), gid),
        (_, 2) => Change::Move(shard, Gid(number)),
        _ => Change::Move(shard, gid),
    }
}

/// The forms.
pub(crate) fn shards_form(of: &Shards<'_>) -> Html {
    let Shards { cluster, change, send, .. } = of;
    let (kind, shard, gid) = parts(*change);
    let set = {
        let (send, change) = ((*send).clone(), *change);
        Callback::from(move |(index, value): (usize, String)| {
            send.emit(Intent::Plan(replaced(change, index, &value)));
        })
    };
    let onsubmit = {
        let (send, change, makes_sense) = ((*send).clone(), *change, of.plan.is_ok());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !makes_sense {
                return;
            }
            send.emit(Intent::Open(None));
            send.emit(Intent::Do(Deed::Configure(change)));
        })
    };
    let kinds = KINDS.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned()));
    let shards = (0..cluster.assignment.owners.len()).map(|i| (i.to_string(), i.to_string()));
    let groups = cluster.groups.iter().map(|group| group.team.gid.to_string());
    let groups = groups.map(|gid| (gid.clone(), format!("group {gid}")));
    let group = if kind == "move" { "To" } else { "Group" };
    html! {
        <div class="form">
            <form class="form" {onsubmit} novalidate=true>
                { choice("What", "change-kind", kinds, kind, 0, &set) }
                if kind == "move" {
                    { choice("Shard", "change-shard", shards, &shard.to_string(), 1, &set) }
                }
                { choice(group, "change-group", groups, &gid.to_string(), 2, &set) }
                { planned(&of.plan) }
                // It stays where it is, and has the focus, when a choice makes no sense.
                { submit("Do it", "change-apply", of.plan.is_ok()) }
            </form>
            { whole_group(cluster, concerned(cluster, *change), send) }
            { where_is(of) }
            // It comes and goes as time passes: last, it moves no button under a finger.
            { because(of.because, send) }
        </div>
    }
}

/// The group that the form is about: of a shard, the one that owns it.
fn concerned(cluster: &Cluster, change: Change) -> Gid {
    let (_, shard, gid) = parts(change);
    let owner = cluster.assignment.owners.get(usize::from(shard.0)).copied();
    match change {
        Change::Move(..) => owner.filter(|owner| owner.0 > 0).unwrap_or(gid),
        Change::Join(_) | Change::Leave(_) => gid,
    }
}

/// What can happen to all servers of the group that the form is about.
fn whole_group(cluster: &Cluster, gid: Gid, send: &Send) -> Html {
    let group = cluster.groups.iter().find(|group| group.team.gid == gid);
    let choices = group.map_or_else(Vec::new, |group| of_group(group, cluster.cut));
    html! {
        <fieldset class="whole">
            <legend>{ format!("All servers of group {gid}") }</legend>
            { for choices.into_iter().map(|choice| {
                let Choice { label, intent, why_not, test, .. } = choice;
                let onclick = send.reform(move |_: MouseEvent| intent.clone());
                html! {
                    <button type="button" class="secondary" {onclick} data-test={test}
                        disabled={why_not.is_some()} title={why_not.clone()}>{ label }</button>
                }
            }) }
        </fieldset>
    }
}

fn planned(plan: &Result<Plan, String>) -> Html {
    match plan {
        Err(sentence) => complaint(sentence),
        Ok(plan) => html! {
            <div class="plan" role="status" data-test="plan">
                <p>{ words::cluster::plan(plan) }</p>
                <ul class="muted">
                    { for plan.transfers.iter().take(LINES).map(|transfer| html! {
                        <li>{ words::cluster::transfer(transfer) }</li>
                    }) }
                    if plan.transfers.len() > LINES {
                        <li>{ format!("and {} more", plan.transfers.len() - LINES) }</li>
                    }
                </ul>
            </div>
        },
    }
}

fn where_is(of: &Shards<'_>) -> Html {
    let oninput = of.send.reform(|event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Intent::Find(words::short(&input.value(), LETTERS))
    });
    let shards = of.cluster.assignment.owners.len();
    html! {
        <div class="form">
            <label class="field">
                <span>{ "Where is the key" }</span>
                <input type="text" value={of.key.to_owned()} {oninput} autocomplete="off"
                    spellcheck="false" data-test="find-key" />
            </label>
            if let Some(found) = &of.place {
                <p role="status" data-test="whereabouts">
                    { words::cluster::whereabouts(found, shards) }</p>
            }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_replaces_its_part_only() {
        let change = Change::Move(ShardId(4), Gid(2));
        assert_eq!(replaced(change, 1, "7"), Change::Move(ShardId(7), Gid(2)));
        assert_eq!(replaced(change, 2, "3"), Change::Move(ShardId(4), Gid(3)));
        assert_eq!(replaced(change, 0, "leave"), Change::Leave(Gid(2)));
        assert_eq!(replaced(Change::Leave(Gid(2)), 2, "1"), Change::Leave(Gid(1)));
        assert_eq!(replaced(Change::Leave(Gid(2)), 0, "join"), Change::Join(Gid(2)));
        assert_eq!(replaced(Change::Join(Gid(2)), 0, "move"), Change::Move(ShardId(0), Gid(2)));
    }
}
