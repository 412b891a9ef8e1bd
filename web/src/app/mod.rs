//! The root: the one component with state. Everything else is a function of what it is given.

mod address;
mod frame;
mod judge;
mod over;
mod page;
mod prefs;
mod roam;
mod see;
mod story;
mod tour;
mod update;

use std::cell::Cell;
use std::rc::Rc;

use shardscope_core::id::{Gid, NodeId, ShardId};
use shardscope_core::time::Instant;
use shardscope_core::view::{Cluster, Dock, Flight, Invariant, Situation, Stage};
use shardscope_judge::findings::Findings;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, KeyboardEvent, ResizeObserver};
use yew::{Callback, Component, Context, Html, NodeRef};

use crate::cluster::Floor;
use crate::dock::Window;
use crate::engine::{Because, Branch, Change, Engine, Setup, Verdict};
use crate::focus::focus_on;
use crate::intent::{Dialog, Intent, Pick, Send, Spot, Tab, Theme};
use crate::judge::{Judge, News};
use crate::layout::{Layout, Part};
use crate::panels::{INSPECTOR, NEXT};
use crate::story::Telling;
use address::{Heard, hear};
use frame::Frames;
use judge::{Waiting, Whose};
use tour::Tour;

/// What reaches the root.
pub(crate) enum Msg {
    /// A wish.
    Want(Intent),
    /// An animation frame, at the browser's time.
    Frame(f64),
    /// Something changed its size.
    Resized,
    /// A key went down somewhere.
    Key(KeyboardEvent),
    /// The address changed.
    Address,
    /// The page is left.
    Leaving,
    /// Something was heard of the judge.
    Judge(News),
}

/// What the page looks like apart from the world.
struct Ui {
    playing: bool,
    rewinding: Option<Instant>,
    scrubbing: bool,
    speed: i32,
    zoom: i32,
    spare: f64,
    hurry: bool,
    hurried: bool,
    still: bool,
    heartbeats: bool,
    scissors: bool,
    text_view: bool,
    single_keys: bool,
    theme: Theme,
    tab: Tab,
    narrow: bool,
    spot: Spot,
    refocus: bool,
    inspect: bool,
    rewound: bool,
    pick: Option<Pick>,
    dialog: Option<Dialog>,
    /// The group of many that is opened.
    opened: Option<Gid>,
    /// The one that was opened last: back over all groups, its card has the focus.
    left: Option<Gid>,
    change: Change,
    key: String,
    /// The address of the moment that was shared last.
    link: String,
    menu: Option<(NodeId, f64, f64)>,
    tour: Tour,
    cut_at: Option<Instant>,
    acted: bool,
    /// The story that is told.
    telling: Option<Telling>,
    /// What the visitor waits for.
    waiting: Option<Waiting>,
    /// What was found out about a history.
    judged: Option<(Whose, Findings)>,
    /// What is wrong with what was opened last.
    mistake: Option<String>,
    /// The focus goes to the button that goes on with the story.
    go_on: bool,
    notice: Option<(f64, String)>,
    spoken: (f64, String),
    unspoken: bool,
}

/// What was last seen of the world.
struct Seen {
    step: Option<u64>,
    stage: Rc<Stage>,
    /// None: there is one group only.
    cluster: Option<Rc<Cluster>>,
    before: Rc<Stage>,
    flights: Rc<Vec<Flight>>,
    dock: Rc<Dock>,
    invariants: Rc<Vec<Invariant>>,
    branches: Rc<Vec<Branch>>,
    window: Window,
    dock_due: f64,
    dock_step: Option<u64>,
    verdict: Verdict,
    /// What waits and has to do with what is looked at.
    because: Rc<Vec<Because>>,
}

/// The page.
pub(crate) struct App {
    engine: Engine,
    ui: Ui,
    seen: Seen,
    layout: Rc<Layout>,
    floor: Rc<Floor>,
    tracks_width: f64,
    pressed: Rc<Cell<Option<i32>>>,
    stage_node: NodeRef,
    dock_node: NodeRef,
    tracks_node: NodeRef,
    frames: Frames,
    send: Send,
    /// The judge, once it was called.
    judge: Option<Judge>,
    news: Callback<News>,
    _keys: Closure<dyn FnMut(KeyboardEvent)>,
    _heard: [Heard; 2],
    observer: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
}

/// About nine tenths of a second for a message of five milliseconds.
const USUAL_SPEED: i32 = -225;

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let (setup, wrong) = Setup::asked(&prefs::asked(), prefs::seed());
        let engine = Engine::new(setup);
        let still = prefs::reduced_motion();
        let theme = prefs::theme();
        prefs::set_theme(theme);
        let seen = see::first(&engine);
        let keys = listen(ctx.link().callback(Msg::Key));
        let mut app = Self {
            ui: Ui::new(still, theme),
            floor: Rc::new(Floor::new((1280.0, 420.0), 3, 3, 3)),
            layout: Rc::new(Layout::new(1280.0, 420.0, 5, 2, Part::Whole)),
            tracks_width: 1000.0,
            pressed: Rc::default(),
            stage_node: NodeRef::default(),
            dock_node: NodeRef::default(),
            tracks_node: NodeRef::default(),
            frames: Frames::new(ctx.link().callback(Msg::Frame)),
            send: ctx.link().callback(Msg::Want),
            judge: None,
            news: ctx.link().callback(Msg::Judge),
            _keys: keys,
            _heard: [
                hear("hashchange", ctx.link().callback(|()| Msg::Address)),
                hear("pagehide", ctx.link().callback(|()| Msg::Leaving)),
            ],
            observer: None,
            seen,
            engine,
        };
        app.look(true);
        if let Some(sentence) = wrong {
            app.say(sentence);
        }
        app.take_up();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Self::Message) -> bool {
        match msg {
            Msg::Want(intent) => {
                self.want(intent);
                true
            }
            Msg::Frame(at) => {
                let made = self.make_again();
                self.frame(at) | made
            }
            Msg::Resized => self.resized(ctx),
            Msg::Key(event) => self.key(&event),
            Msg::Address => {
                self.follow_address();
                true
            }
            Msg::Leaving => {
                self.keep();
                false
            }
            Msg::Judge(news) => {
                self.hear(news);
                true
            }
        }
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        self.page()
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first {
            self.observer = observe(ctx.link().callback(|()| Msg::Resized), &self.stage_node);
            ctx.link().send_message(Msg::Resized);
        } else if self.fits() {
            // A tab or the inspector came or went: the drawing gets its new room at once.
            ctx.link().send_message(Msg::Resized);
        }
        if std::mem::take(&mut self.ui.refocus) {
            self.refocus();
        }
        if std::mem::take(&mut self.ui.go_on) {
            focus_on(NEXT);
        }
        if std::mem::take(&mut self.ui.inspect) {
            focus_on(INSPECTOR);
        }
        if self.moving() || self.is_arriving() || self.ui.unspoken {
            self.frames.ask();
        }
    }
}

impl App {
    /// Whether frames are needed.
    fn moving(&self) -> bool {
        (self.ui.playing && !self.ui.scrubbing) || self.ui.rewinding.is_some()
    }

    /// Whether the room for the drawing is another than it was drawn for.
    fn fits(&self) -> bool {
        let Some((w, h)) = self.room() else { return false };
        let part = self.part();
        let known = (self.layout.width - w).abs() < 0.5;
        !known
            || self.layout.part != part
            || (part != Part::Rows && (self.layout.height - h).abs() > 0.5)
    }

    fn room(&self) -> Option<(f64, f64)> {
        let room = self.stage_node.cast::<Element>()?;
        let (w, h) = (f64::from(room.client_width()), f64::from(room.client_height()));
        (w > 0.0 && h > 0.0).then_some((w, h))
    }

    fn part(&self) -> Part {
        match (self.ui.narrow, self.ui.tab) {
            (false, _) => Part::Whole,
            (true, Tab::Logs) => Part::Rows,
            (true, _) => Part::Ring,
        }
    }

    fn resized(&mut self, _ctx: &Context<Self>) -> bool {
        let (w, h) = prefs::window_size();
        let narrow = w < 860.0 || h < 520.0;
        let turned = narrow != self.ui.narrow;
        self.ui.narrow = narrow;
        if let Some(dock) = self.dock_node.cast::<Element>() {
            self.tracks_width = f64::from(dock.client_width()).max(240.0);
        }
        if let Some((w, h)) = self.room() {
            let (servers, clients) = (self.seen.stage.servers.len(), self.seen.stage.clients.len());
            let layout = Layout::new(w, h, servers, clients, self.part());
            if turned || *self.layout != layout {
                self.layout = Rc::new(layout);
            }
            if let Some(cluster) = &self.seen.cluster {
                let servers = cluster.groups.iter().map(|group| group.team.servers.len()).max();
                let (groups, clients) = (cluster.groups.len(), cluster.clients.len());
                let floor = Floor::new((w, h), groups, servers.unwrap_or_default(), clients);
                if *self.floor != floor {
                    self.floor = Rc::new(floor);
                }
            }
        }
        true
    }

    /// All groups, if they are what is looked at.
    fn overview(&self) -> Option<&Rc<Cluster>> {
        self.seen.cluster.as_ref().filter(|_| self.ui.opened.is_none())
    }

    /// Whether some link is cut: of all, though one group only is shown.
    fn is_cut(&self) -> bool {
        let cluster = self.seen.cluster.as_ref();
        cluster.map_or(!self.seen.stage.cuts.is_empty(), |cluster| cluster.cut)
    }

    /// Whether a leader is in office: then heartbeats are no news.
    fn led(&self) -> bool {
        matches!(self.seen.stage.situation, Situation::Led { .. } | Situation::Stranded { .. })
    }
}

impl Ui {
    fn new(still: bool, theme: Theme) -> Self {
        Self {
            playing: !still,
            rewinding: None,
            scrubbing: false,
            speed: USUAL_SPEED,
            zoom: 0,
            spare: 0.0,
            hurry: true,
            hurried: false,
            still,
            heartbeats: false,
            scissors: false,
            text_view: false,
            single_keys: prefs::single_keys(),
            theme,
            tab: Tab::Stage,
            narrow: false,
            spot: Spot::Server(NodeId(0)),
            refocus: false,
            inspect: false,
            rewound: false,
            pick: None,
            dialog: None,
            opened: None,
            left: None,
            change: Change::Move(ShardId(0), Gid(1)),
            key: "x".into(),
            link: String::new(),
            menu: None,
            tour: Tour::Crash,
            cut_at: None,
            acted: false,
            telling: None,
            waiting: None,
            judged: None,
            mistake: None,
            go_on: false,
            notice: None,
            spoken: (0.0, String::new()),
            unspoken: false,
        }
    }
}

fn listen(heard: Callback<KeyboardEvent>) -> Closure<dyn FnMut(KeyboardEvent)> {
    let closure = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event| heard.emit(event));
    if let Some(window) = web_sys::window() {
        let listener = closure.as_ref().unchecked_ref();
        // Listening for keys fails only where there is no window.
        let _ = window.add_event_listener_with_callback("keydown", listener);
    }
    closure
}

fn observe(
    changed: Callback<()>,
    stage: &NodeRef,
) -> Option<(ResizeObserver, Closure<dyn FnMut()>)> {
    let closure = Closure::<dyn FnMut()>::new(move || changed.emit(()));
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    let stage = stage.cast::<Element>()?;
    observer.observe(&stage);
    observer.observe(&stage.owner_document()?.document_element()?);
    Some((observer, closure))
}
