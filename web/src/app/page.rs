//! The page's parts and where they go.

use std::rc::Rc;

use shardscope_core::mutant;
use shardscope_core::view::{Cluster, Invariant};
use yew::{Callback, DragEvent, Html, MouseEvent, classes, html};

use super::{App, roam, tour};
use crate::actions;
use crate::cluster::{self, cluster_view};
use crate::dock::{Axis, Invariants, Ruler, Transport, clock, tracks};
use crate::engine::Verdict;
use crate::files;
use crate::icons::{Icon, icon};
use crate::intent::{Dialog, Intent, Tab};
use crate::panels::{Inspector, PageMenu, Strip, TextView, opened, strip};
use crate::stage::{View, stage_view};
use crate::story::Telling;
use crate::words;

impl App {
    /// The whole page. The transport comes first for the keyboard, so that Pause is at hand.
    pub(super) fn page(&self) -> Html {
        let ui = &self.ui;
        let tab = match ui.tab {
            Tab::Stage => "tab-stage",
            Tab::Logs => "tab-logs",
            Tab::History => "tab-history",
            Tab::Inspect => "tab-inspect",
        };
        let broken = self.verdict().0 == "broken";
        let arrangement = if ui.narrow { "narrow" } else { "wide" };
        let ondragover = Callback::from(|event: DragEvent| event.prevent_default());
        let opened = opened(&self.send);
        let ondrop = Callback::from(move |event: DragEvent| {
            event.prevent_default();
            let files = event.data_transfer().and_then(|dropped| dropped.files());
            files::read(files, opened.clone());
        });
        html! {
            <div class={classes!("page", arrangement, tab, broken.then_some("broken"))}
                {ondragover} {ondrop} data-test="page">
                { self.transport() }
                { self.header() }
                { self.narration_bar() }
                { self.main() }
                { self.dock() }
                if ui.narrow {
                    { self.tabs() }
                }
                { self.over() }
                <div class="unseen" aria-live="polite" data-test="spoken">
                    { ui.spoken.1.clone() }</div>
                <div class="unseen" aria-live="assertive">
                    if broken { { self.verdict().1 } }
                </div>
            </div>
        }
    }

    fn header(&self) -> Html {
        let (state, verdict) = self.verdict();
        let grounds = self.send.reform(|_: MouseEvent| Intent::Open(Some(Dialog::Verdict)));
        let keys = self.send.reform(|_: MouseEvent| Intent::Open(Some(Dialog::Keys)));
        let rules = self.send.reform(|_: MouseEvent| Intent::Open(Some(Dialog::Rules)));
        let find = self.send.reform(|_: MouseEvent| Intent::Open(Some(Dialog::Palette)));
        html! {
            <header class="header">
                <h1>{ words::NAME }</h1>
                if let Some(mutant) = mutant::find(self.engine.broken()) {
                    <button class="mutant" onclick={rules} data-test="mutant"
                        aria-label={words::rules::chip(mutant)}>
                        { icon(Icon::Crash) }
                        <b>{ mutant.id.to_string() }</b>
                        <span class="wide-only">{ words::rules::ON_PURPOSE }</span>
                    </button>
                } else {
                    <p>{ words::TAGLINE }</p>
                }
                <button class="verdict" data-test="verdict" data-state={state} onclick={grounds}
                    title={words::verdict::OPEN}>
                    { icon(match state {
                        "holds" => Icon::Check,
                        "behind" => Icon::Clock,
                        _ => Icon::Cross,
                    }) }
                    <span>{ verdict }</span>
                    if state == "holds" {
                        <span class="wide-only">{ format!("· {}",
                            words::count(self.answered(), "operation", "operations")) }</span>
                    }
                </button>
                <button class="tool" onclick={find} aria-label="Find an action"
                    title="Find an action (Ctrl+K)"
                    data-test="palette">{ icon(Icon::Find) }</button>
                <button class="tool wide-only" onclick={keys} aria-label="Keys" title="Keys (?)"
                    data-test="help">
                    { "?" }</button>
                <PageMenu heal={actions::heal(self.is_cut())} theme={self.ui.theme}
                    send={self.send.clone()} />
            </header>
        }
    }

    /// The verdict's state and its words.
    fn verdict(&self) -> (&'static str, String) {
        let broken = broken(&self.seen.invariants).map(|invariant| invariant.name);
        let state = match (broken, &self.seen.verdict) {
            (Some(_), _) | (None, Verdict::Violated { .. }) => "broken",
            (None, Verdict::Behind { .. }) => "behind",
            (None, Verdict::SoFar) => "holds",
        };
        (state, words::verdict::chip(broken, &self.seen.verdict))
    }

    /// How many operations were answered: all but the operator's, who comes last.
    pub(super) fn answered(&self) -> u64 {
        let clients = &self.seen.stage.clients;
        let own = clients.len() - usize::from(self.seen.cluster.is_some());
        clients[..own].iter().map(|client| client.answered).sum()
    }

    /// The story that is told, in the place of what is happening.
    fn story_bar(&self, telling: &Telling) -> Html {
        let ui = &self.ui;
        let going = ui.playing && self.goal().is_some();
        let below = match &ui.notice {
            Some((_, notice)) => notice.clone(),
            None if going => self.narration().0,
            None => telling.story.title.clone(),
        };
        strip(&Strip { telling, below, going, begins: self.begins(), send: &self.send })
    }

    fn narration_bar(&self) -> Html {
        if let Some(telling) = &self.ui.telling {
            return self.story_bar(telling);
        }
        let (sentence, consequence) = self.narration();
        let offer = match self.overview() {
            Some(cluster) => tour::over(cluster),
            None => self.ui.tour.offer(&self.seen.stage, self.ui.cut_at),
        };
        let (second, intent, test) = self.second();
        let secondary = self.send.reform(move |_: MouseEvent| intent.clone());
        let busy = self.ui.rewinding.is_some();
        let (label, intent, why) = match offer.why_not {
            _ if busy => (words::REWINDING.into(), None, Some("Time is running backwards.")),
            // What has to come comes only if time goes on.
            Some(_) if !self.ui.playing => ("Play".into(), Some(Intent::TogglePlay), None),
            Some(why) => (offer.label, None, Some(why)),
            None => (offer.label, Some(offer.intent), None),
        };
        let send = self.send.clone();
        let primary = Callback::from(move |_: MouseEvent| {
            if let Some(intent) = &intent {
                send.emit(intent.clone());
            }
        });
        html! {
            <section class="narration" aria-label="What is happening">
                <div>
                    <h2 data-test="narration">{ sentence }</h2>
                    <p data-test="consequence">{ consequence }</p>
                </div>
                <button class="secondary" onclick={secondary} data-test={test}>{ second }</button>
                <button class="primary" onclick={primary} title={why}
                    aria-disabled={why.is_some().to_string()}
                    data-test="primary">{ label }</button>
            </section>
        }
    }

    /// The second-best thing to do.
    fn second(&self) -> (&'static str, Intent, &'static str) {
        let past = self.engine.now() < self.engine.head();
        if past && !self.ui.playing {
            ("Back to live", Intent::Live, "back-to-live")
        } else if self.ui.opened.is_some() {
            ("All groups", Intent::Enter(None), "all-groups")
        } else if self.seen.cluster.is_some() {
            ("Move a shard…", Intent::Open(Some(Dialog::Shards)), "open-shards")
        } else {
            ("Partition…", Intent::Open(Some(Dialog::Partition)), "open-partition")
        }
    }

    fn main(&self) -> Html {
        let ui = &self.ui;
        let (stage, flights, dock) = (&self.seen.stage, &self.seen.flights, &self.seen.dock);
        let inspect = ui.pick.is_some() && !ui.text_view;
        let over = self.overview();
        let hue = ui.opened.map(cluster::hue);
        let floor = over.map(|_| "floor");
        let show = !ui.narrow || matches!(ui.tab, Tab::Stage | Tab::Logs);
        let away = (ui.text_view || !show).then_some("away");
        html! {
            <main class={classes!("main", inspect.then_some("inspecting"))}>
                if ui.text_view {
                    <TextView stage={stage.clone()} flights={flights.clone()} dock={dock.clone()}
                        invariants={self.seen.invariants.clone()} names={self.engine.names()}
                        send={self.send.clone()} />
                }
                <section
                    class={classes!("stage", away, hue, floor)}
                    ref={self.stage_node.clone()} aria-label="Stage">
                    if show && !ui.text_view {
                        if let Some(cluster) = over {
                            { self.overview_drawing(cluster) }
                        } else {
                            { self.drawing() }
                            { self.scissors() }
                        }
                    }
                </section>
                if let Some(pick) = ui.pick.clone().filter(|_| inspect) {
                    <Inspector {pick} stage={stage.clone()} before={self.seen.before.clone()}
                        because={self.seen.because.clone()} flights={flights.clone()}
                        dock={dock.clone()} names={self.engine.names()} send={self.send.clone()} />
                } else if ui.narrow && ui.tab == Tab::Inspect {
                    <p class="nothing">{ if over.is_some() {
                        "Tap a client to inspect it, or a group to open it."
                    } else {
                        "Tap a server, a link, a client or a message to inspect it."
                    } }</p>
                }
            </main>
        }
    }

    fn drawing(&self) -> Html {
        let ui = &self.ui;
        stage_view(&View {
            stage: self.seen.stage.clone(),
            flights: self.seen.flights.clone(),
            now: self.engine.now(),
            layout: self.layout.clone(),
            pick: ui.pick.clone(),
            spot: roam::here(ui.spot, &self.seen.stage, &self.layout),
            still: ui.still,
            heartbeats: ui.heartbeats || !self.led(),
            scissors: ui.scissors,
            hints: !ui.acted && ui.pick.is_none() && !ui.narrow,
            names: self.engine.names(),
            send: self.send.clone(),
        })
    }

    fn overview_drawing(&self, cluster: &Rc<Cluster>) -> Html {
        cluster_view(&cluster::View {
            cluster: cluster.clone(),
            stage: self.seen.stage.clone(),
            flights: self.seen.flights.clone(),
            now: self.engine.now(),
            floor: self.floor.clone(),
            still: self.ui.still,
            heartbeats: self.ui.heartbeats,
            send: self.send.clone(),
        })
    }

    /// The button that takes the scissors in hand, in the corner of the ring.
    fn scissors(&self) -> Html {
        let held = self.ui.scissors;
        if self.layout.servers.is_empty() {
            return Html::default();
        }
        let onclick = self.send.reform(move |_: MouseEvent| Intent::Scissors(!held));
        html! {
            <button class="tool corner" {onclick} aria-pressed={held.to_string()}
                aria-label={words::SCISSORS} title={words::SCISSORS} data-test="scissors">
                { icon(Icon::Cut) }
            </button>
        }
    }

    fn transport(&self) -> Html {
        let ui = &self.ui;
        let now = self.engine.now();
        let begun = now.as_micros() == 0;
        html! {
            <section class="transport" aria-label="Time">
                <Transport playing={ui.playing} speed={ui.speed} hurried={ui.hurried && ui.playing}
                    live={now >= self.engine.head()} start={begun}
                    branches={self.seen.branches.clone()} undo={self.engine.can_undo()}
                    send={self.send.clone()} />
                { clock(now) }
            </section>
        }
    }

    fn dock(&self) -> Html {
        let clients = &self.seen.stage.clients;
        let first = self.seen.stage.servers.len() as u16;
        // The operator of a sharded store asks for no keys.
        let operated = self.seen.cluster.is_some() && !clients.is_empty();
        let axis = Axis {
            dock: self.seen.dock.clone(),
            ruler: Ruler { window: self.seen.window, width: self.tracks_width },
            now: self.engine.now(),
            head: self.engine.head(),
            clients: (first, (clients.len() - usize::from(operated)).min(6) as u16),
            shards: self.seen.cluster.as_ref().map_or(0, |c| c.assignment.owners.len() as u16),
            names: self.engine.names(),
            pressed: self.pressed.clone(),
            pick: self.ui.pick.clone(),
            send: self.send.clone(),
        };
        html! {
            <section class="dock" aria-label="History">
                <div class="tracks-box" ref={self.dock_node.clone()}>
                    { tracks(&axis, &self.tracks_node) }
                </div>
                <Invariants invariants={self.seen.invariants.clone()} send={self.send.clone()} />
            </section>
        }
    }

    fn tabs(&self) -> Html {
        let tabs = [
            (Tab::Stage, "Stage", Icon::Ring, "tab-stage"),
            (Tab::Logs, "Logs", Icon::Rows, "tab-logs"),
            (Tab::History, "History", Icon::Clock, "tab-history"),
            (Tab::Inspect, "Inspect", Icon::Find, "tab-inspect"),
        ];
        // Over all groups, the cards have their logs.
        let over = self.overview().is_some();
        let shown = |(tab, ..): &(Tab, &str, Icon, &str)| !over || *tab != Tab::Logs;
        html! {
            <nav class="tabs" aria-label="Parts of the page">
                { for tabs.into_iter().filter(shown).map(|(tab, name, picture, test)| {
                    let onclick = self.send.reform(move |_: MouseEvent| Intent::Tab(tab));
                    let current = (self.ui.tab == tab).then_some("page");
                    html! {
                        <button {onclick} aria-current={current} data-test={test}>
                            { icon(picture) }<span>{ name }</span>
                        </button>
                    }
                }) }
            </nav>
        }
    }
}

/// What is broken at the moment that is shown.
pub(super) fn broken(invariants: &[Invariant]) -> Option<&Invariant> {
    invariants.iter().find(|invariant| invariant.broken.as_ref().is_some_and(|b| !b.ahead))
}
