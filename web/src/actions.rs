//! What can be done now, and why not: one list for buttons, menus, keys and the palette.

use shardscope_core::id::NodeId;
use shardscope_core::view::{Cluster, Group, Health, Role, Server, Stage};

use crate::engine::{Blow, Deed};
use crate::icons::Icon;
use crate::intent::{Dialog, Intent, Pick, Theme};
use crate::stage::leader;
use crate::words::server_name;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    /// In words: `Crash S1`.
    pub(crate) label: String,
    /// What it sends.
    pub(crate) intent: Intent,
    /// Why it would do nothing, if so.
    pub(crate) why_not: Option<String>,
    /// Its key, if it has one.
    pub(crate) key: &'static str,
    /// Its picture.
    pub(crate) icon: Icon,
    /// Its name for tests.
    pub(crate) test: &'static str,
}

impl Choice {
    fn new(test: &'static str, icon: Icon, label: impl Into<String>, intent: Intent) -> Self {
        Self { label: label.into(), intent, why_not: None, key: "", icon, test }
    }

    fn key(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }

    /// The same with the name of what "it" is.
    fn about(mut self, name: &str) -> Self {
        self.label = if self.label.contains(" its ") {
            self.label.replace(" its ", &format!(" {name}'s "))
        } else if self.label.contains(" it") {
            self.label.replace(" it", &format!(" {name}"))
        } else {
            format!("{name}: {}", self.label)
        };
        self
    }

    fn unless(mut self, reason: Option<String>) -> Self {
        self.why_not = self.why_not.or(reason);
        self
    }
}

/// What can be done to a server.
pub(crate) fn of_server(server: &Server, stage: &Stage) -> Vec<Choice> {
    let id = server.id;
    let name = &server.name;
    let down = (server.health == Health::Down).then(|| format!("{name} is down"));
    let paused = (server.health == Health::Paused).then(|| format!("{name} is paused"));
    let crash = if server.health == Health::Down {
        Choice::new("restart", Icon::Restart, "Restart it", Intent::Do(Deed::Restart(id)))
    } else {
        Choice::new("crash", Icon::Crash, "Crash it", Intent::Do(Deed::Crash(id)))
    };
    let pause = if server.health == Health::Paused {
        Choice::new("resume", Icon::Play, "Let it go on", Intent::Do(Deed::Resume(id)))
    } else {
        Choice::new("pause", Icon::Pause, "Pause it", Intent::Do(Deed::Pause(id)))
            .unless(down.clone())
    };
    let lost = stage.servers.iter().filter(|server| server.lost_disk).count();
    let spare = ((stage.servers.len() - 1) / 2).saturating_sub(lost);
    let leads = matches!(server.role, Role::Leader { .. }).then(|| format!("{name} leads already"));
    vec![
        crash.key("K"),
        pause,
        cut_off(id, stage).key("I"),
        Choice::new("elect", Icon::Elect, "Start an election", Intent::Do(Deed::Campaign(id)))
            .unless(down.clone())
            .unless(paused)
            .unless(leads.clone())
            .key("E"),
        hand_over(id, stage).unless(down).unless(leads),
        slow_disk(server),
        drift(server),
        Choice::new("wipe", Icon::Disk, "Wipe the disk", Intent::Do(Deed::Wipe(id)))
            .unless(server.lost_disk.then(|| format!("{name} has lost its disk already")))
            .unless((spare == 0).then(|| "A majority must keep its disks".to_owned())),
    ]
}

/// What can be done to all servers of a group at once; `cut`: some link of the run is.
pub(crate) fn of_group(group: &Group, cut: bool) -> Vec<Choice> {
    let some = |health| group.team.servers.iter().any(|server| server.health == health);
    let up = some(Health::Up);
    let choice = |test, icon, label, blow, would: bool, why_not: &str| {
        let intent = Intent::Do(Deed::Strike(group.team.gid, blow));
        Choice::new(test, icon, label, intent).unless((!would).then(|| why_not.to_owned()))
    };
    let whole = "Every link is whole";
    vec![
        choice("cut-group", Icon::Cut, "Cut it off", Blow::CutOff, !group.cut, "It is already"),
        choice("connect-group", Icon::Heal, "Connect it", Blow::Connect, cut, whole),
        choice(
            "crash-group",
            Icon::Crash,
            "Crash it",
            Blow::Crash,
            up || some(Health::Paused),
            "All of it is down",
        ),
        choice(
            "restart-group",
            Icon::Restart,
            "Restart it",
            Blow::Restart,
            some(Health::Down),
            "Nothing of it is down",
        ),
        choice("pause-group", Icon::Pause, "Pause it", Blow::Pause, up, "Nothing of it runs"),
        choice(
            "resume-group",
            Icon::Play,
            "Let it go on",
            Blow::Resume,
            some(Health::Paused),
            "Nothing of it is paused",
        ),
    ]
}

fn hand_over(id: NodeId, stage: &Stage) -> Choice {
    let leader = leader(stage);
    let deed = Deed::Transfer(leader.unwrap_or(id), id);
    Choice::new("hand-over", Icon::Elect, "Hand leadership to it", Intent::Do(deed))
        .unless(leader.is_none().then(|| "Nobody leads".to_owned()))
}

/// How many times slower a slow disk is.
const SLOW: u32 = 20;
/// How fast a fast clock runs, in parts per million.
const FAST: i32 = 300_000;

fn slow_disk(server: &Server) -> Choice {
    let (id, slow) = (server.id, server.disk_times > 1);
    let label = if slow { "Disk as fast as usual" } else { "Make its disk 20× slower" };
    let times = if slow { 1 } else { SLOW };
    Choice::new("slow-disk", Icon::Disk, label, Intent::Do(Deed::SlowDisk(id, times)))
}

fn drift(server: &Server) -> Choice {
    let (id, off) = (server.id, server.drift != 0);
    let label = if off { "Clock as true as usual" } else { "Make its clock 30 % fast" };
    let drift = if off { 0 } else { FAST };
    Choice::new("drift", Icon::Clock, label, Intent::Do(Deed::Drift(id, drift)))
}

fn cut_off(id: NodeId, stage: &Stage) -> Choice {
    let cut: Vec<_> = stage.cuts.iter().filter(|(a, b)| *a == id || *b == id).copied().collect();
    let others = stage.servers.len() - 1;
    let among =
        |(a, b): &&(NodeId, NodeId)| usize::from(a.0) <= others && usize::from(b.0) <= others;
    if others > 0 && cut.iter().filter(among).count() == 2 * others {
        Choice::new("connect", Icon::Heal, "Connect it again", Intent::Do(Deed::Mend(cut)))
    } else {
        Choice::new("isolate", Icon::Cut, "Cut it off", Intent::Do(Deed::CutOff(vec![id])))
            .unless((others == 0).then(|| "It is alone".to_owned()))
    }
}

/// What can be done to the link between two servers.
pub(crate) fn of_link(a: NodeId, b: NodeId, stage: &Stage) -> Vec<Choice> {
    let (there, back) = (stage.cuts.contains(&(a, b)), stage.cuts.contains(&(b, a)));
    let (an, bn) = (server_name(a), server_name(b));
    let already = |cut: bool| cut.then(|| "It is cut already".to_owned());
    vec![
        Choice::new(
            "cut-both",
            Icon::Cut,
            "Cut both ways",
            Intent::Do(Deed::Cut(vec![(a, b), (b, a)])),
        )
        .unless(already(there && back))
        .key("X"),
        Choice::new(
            "cut-there",
            Icon::Cut,
            format!("Cut {an} to {bn}"),
            Intent::Do(Deed::Cut(vec![(a, b)])),
        )
        .unless(already(there)),
        Choice::new(
            "cut-back",
            Icon::Cut,
            format!("Cut {bn} to {an}"),
            Intent::Do(Deed::Cut(vec![(b, a)])),
        )
        .unless(already(back)),
        Choice::new("mend", Icon::Heal, "Mend it", Intent::Do(Deed::Mend(vec![(a, b), (b, a)])))
            .unless((!there && !back).then(|| "It is whole".to_owned())),
    ]
}

/// What can be done to a message in flight.
pub(crate) fn of_message(id: u64) -> Vec<Choice> {
    vec![
        Choice::new("drop", Icon::Cross, "Drop", Intent::Do(Deed::Drop(id))),
        Choice::new("delay", Icon::Clock, "Delay 20 ms", Intent::Do(Deed::Delay(id))),
        Choice::new("duplicate", Icon::Twin, "Duplicate", Intent::Do(Deed::Duplicate(id))),
        Choice::new("deliver", Icon::Forth, "Deliver now", Intent::Do(Deed::Deliver(id))),
    ]
}

/// Why the network cannot be healed.
pub(crate) fn heal(cut: bool) -> Choice {
    Choice::new("heal", Icon::Heal, "Heal the network", Intent::Do(Deed::Heal))
        .unless((!cut).then(|| "Every link is whole".to_owned()))
        .key("U")
}

/// The page's own actions: the menu and the rest of the palette.
pub(crate) fn of_page() -> Vec<Choice> {
    let open = |dialog| Intent::Open(Some(dialog));
    vec![
        Choice::new("stories", Icon::Book, "Stories…", open(Dialog::Stories)).key("T"),
        Choice::new("rules", Icon::Crash, "Break a rule…", open(Dialog::Rules)).key("B"),
        Choice::new("verdict", Icon::Check, "The verdict…", open(Dialog::Verdict)),
        Choice::new("history", Icon::Table, "Judge a history file…", open(Dialog::History)),
        Choice::new("new-seed", Icon::Seed, "New seed", Intent::NewSeed),
        Choice::new("settings", Icon::Settings, "Settings…", open(Dialog::Settings)),
        Choice::new("partition", Icon::Partition, "Partition…", open(Dialog::Partition)).key("P"),
        Choice::new("draw-cut", Icon::Cut, crate::words::SCISSORS, Intent::Scissors(true)),
        Choice::new("operation", Icon::Write, "New operation…", open(Dialog::Operation)).key("N"),
        Choice::new("shards", Icon::Partition, "Join, leave, move a shard…", open(Dialog::Shards))
            .key("J"),
        Choice::new("workload", Icon::Settings, "What the clients do…", open(Dialog::Workload)),
        Choice::new("share", Icon::Twin, "Share this moment…", Intent::Share).key("S"),
        Choice::new(
            "messages",
            Icon::Messages,
            "Messages in flight",
            Intent::Select(Some(Pick::Messages)),
        )
        .key("M"),
        Choice::new("heartbeats", Icon::Beat, "Show or hide heartbeats", Intent::Heartbeats)
            .key("H"),
        Choice::new("text-view", Icon::Table, "Text view", Intent::TextView).key("V"),
        Choice::new("keys", Icon::Keys, "Keys", open(Dialog::Keys)).key("?"),
    ]
}

/// What belongs to the palette only.
fn of_time() -> Vec<Choice> {
    vec![
        Choice::new("toggle-play", Icon::Play, "Play or pause", Intent::TogglePlay).key("Space"),
        Choice::new("forth", Icon::Forth, "Step", Intent::StepForward).key("."),
        Choice::new("back", Icon::Back, "Step back", Intent::StepBack).key(","),
        Choice::new("faster", Icon::Plus, "Faster", Intent::Faster(25)).key("]"),
        Choice::new("slower", Icon::Minus, "Slower", Intent::Faster(-25)).key("["),
        Choice::new("go-live", Icon::Live, "To the end of this branch", Intent::Live).key("L"),
        Choice::new("undo-last", Icon::Undo, "Undo the last action", Intent::Undo).key("Ctrl+Z"),
        Choice::new("redo-last", Icon::Redo, "Redo", Intent::Redo).key("Ctrl+Y"),
        Choice::new("hurry", Icon::Clock, "Hurry through quiet time, or not", Intent::Hurry),
        Choice::new("single-keys", Icon::Keys, "Single keys on or off", Intent::SingleKeys),
        Choice::new("light", Icon::Theme, "Light theme", Intent::Theme(Theme::Light)),
        Choice::new("dark", Icon::Theme, "Dark theme", Intent::Theme(Theme::Dark)),
        Choice::new("auto", Icon::Theme, "Theme of this machine", Intent::Theme(Theme::Auto)),
    ]
}

/// Everything that can be done while all groups are shown, for the palette.
pub(crate) fn over(cluster: &Cluster) -> Vec<Choice> {
    let mut all = of_page();
    all.push(heal(cluster.cut));
    all.extend(of_time());
    for group in &cluster.groups {
        let gid = group.team.gid;
        let open = Intent::Enter(Some(gid));
        all.push(Choice::new("open", Icon::Find, format!("Open group {gid}"), open));
        let name = format!("group {gid}");
        all.extend(of_group(group, cluster.cut).into_iter().map(|choice| choice.about(&name)));
    }
    let teams = cluster.groups.iter().map(|group| &group.team);
    for team in std::iter::once(&cluster.controller).chain(teams) {
        for (place, server) in (0..).map(NodeId).zip(&team.servers) {
            let (verb, test, icon, deed) = match server.health {
                Health::Up => ("Crash", "crash", Icon::Crash, Deed::Crash(place)),
                Health::Down => ("Restart", "restart", Icon::Restart, Deed::Restart(place)),
                Health::Paused => ("Resume", "resume", Icon::Play, Deed::Resume(place)),
            };
            let deed = Intent::Do(Deed::In(team.gid, Box::new(deed)));
            all.push(Choice::new(test, icon, format!("{verb} {}", server.name), deed));
        }
    }
    all
}

/// Everything that can be done, for the palette.
pub(crate) fn all(stage: &Stage) -> Vec<Choice> {
    let mut all = of_page();
    all.push(heal(!stage.cuts.is_empty()));
    all.extend(of_time());
    for server in &stage.servers {
        let choices = of_server(server, stage).into_iter();
        all.extend(choices.map(|choice| choice.about(&server.name)));
    }
    for (a, b) in crate::stage::pairs(stage.servers.len()) {
        let cut = stage.cuts.contains(&(a, b)) || stage.cuts.contains(&(b, a));
        let verb = if cut { "Mend" } else { "Cut" };
        let label = format!("{verb} the link between {} and {}", server_name(a), server_name(b));
        all.push(Choice::new("snip", Icon::Cut, label, Intent::Snip(a, b)));
    }
    all
}
