//! Fabricated views, for drawing before the core runs. Never shipped.

use std::sync::Arc;

use shardscope_core::id::{NodeId, Slot, Term};
use shardscope_core::time::{Duration, Instant};
use shardscope_core::view::*;

use crate::engine::Deed;

pub struct World {
    pub now: Instant,
    pub head: Instant,
    servers: u16,
    clients: u16,
    cuts: Vec<(NodeId, NodeId)>,
    down: Vec<NodeId>,
}

fn at(ms: f64) -> Instant {
    Instant::from_micros((ms * 1000.0) as u64)
}

impl World {
    pub fn new(servers: u16, clients: u16) -> Self {
        Self { now: at(182.0), head: at(182.0), servers, clients, cuts: vec![], down: vec![] }
    }

    pub fn shift(&mut self, by: i64) {
        self.now = Instant::from_micros(self.now.as_micros().saturating_add_signed(by));
        self.head = self.head.max(self.now);
    }

    pub fn act(&mut self, deed: &Deed) -> Result<bool, String> {
        match deed {
            Deed::Crash(s) => self.down.push(*s),
            Deed::Restart(s) => self.down.retain(|x| x != s),
            Deed::CutOff(set) => {
                for a in 0..self.servers {
                    for b in &set[..] {
                        if !set.contains(&NodeId(a)) {
                            self.cuts.push((NodeId(a), *b));
                            self.cuts.push((*b, NodeId(a)));
                        }
                    }
                }
            }
            Deed::Cut(links) => self.cuts.extend(links),
            Deed::Shape(links) => self.cuts = links.clone(),
            Deed::Heal => self.cuts.clear(),
            _ => return Err("The fixture cannot do that.".into()),
        }
        Ok(false)
    }

    fn server(&self, i: u16) -> Server {
        let id = NodeId(i);
        let lead = i == 1;
        let health = if self.down.contains(&id) { Health::Down } else { Health::Up };
        let labels = ["no-op", "x=1", "y=7", "x+a", "no-op", "z=q", "y+bc", "del z", "x+b", "y+d"];
        let shown = match i {
            3 => 6,
            4 => 9,
            _ => 10,
        };
        let committed = 8;
        let cells = (0..shown)
            .map(|k| Cell {
                slot: Slot(k + 3),
                term: Term(if k < 4 { 1 } else { 2 }),
                label: labels[k as usize].into(),
                detail: format!("{} from client 1, serial {k}", labels[k as usize]),
                committed: k < committed,
            })
            .collect();
        let peers = (0..self.servers)
            .filter(|p| *p != 1)
            .map(|p| Progress {
                peer: NodeId(p),
                next: Slot(13),
                matched: Slot(if p == 3 { 8 } else { 12 }),
            })
            .collect();
        let stored = |key: &str, value: &str, fresh| Stored {
            key: key.into(),
            value: value.into(),
            version: 2,
            fresh,
        };
        Server {
            id,
            name: format!("S{}", i + 1),
            health,
            writing: i == 2,
            lost_disk: false,
            role: if health == Health::Down {
                Role::Follower { leader: None }
            } else if lead {
                Role::Leader { peers }
            } else if i == 4 && self.down.contains(&NodeId(1)) {
                Role::Candidate { votes: vec![NodeId(4), NodeId(0)] }
            } else {
                Role::Follower { leader: Some(NodeId(1)) }
            },
            term: Term(2),
            voted_for: Some(NodeId(1)),
            timer: (!lead && health == Health::Up).then(|| Timer {
                set: at(170.0 + f64::from(i)),
                fires: at(240.0 + 13.0 * f64::from(i)),
            }),
            log: Arc::new(Log {
                snapshot: Some(Compacted { through: Slot(2), term: Term(1), bytes: 120 }),
                last: Slot(2 + shown),
                cells,
                bytes: 812,
            }),
            commit: Slot(10),
            applied: Slot(10),
            store: Arc::new(vec![stored("x", "1a", false), stored("y", "7bc", i != 3)]),
            sessions: Arc::new(vec![SessionLine {
                client: "client 1".into(),
                serial: 4,
                reply: "ok".into(),
            }]),
            backlog: 0,
        }
    }

    pub fn stage(&self) -> Stage {
        let n = self.servers;
        let led = !self.down.contains(&NodeId(1));
        Stage {
            servers: (0..n).map(|i| Arc::new(self.server(i))).collect(),
            clients: (0..self.clients)
                .map(|i| {
                    Arc::new(Client {
                        id: NodeId(n + i),
                        name: format!("Client {}", i + 1),
                        call: Some(Call {
                            operation: if i == 0 { "append x b".into() } else { "get y".into() },
                            since: at(180.0),
                            attempts: 1 + u32::from(i),
                            server: NodeId(1),
                            outcome: (i == 1).then(|| Outcome {
                                answer: "7bc".into(),
                                server: NodeId(1),
                                took: Duration::from_millis(21),
                            }),
                        }),
                        queued: 0,
                        answered: 17,
                    })
                })
                .collect(),
            cuts: self.cuts.clone(),
            situation: if led {
                Situation::Led { leader: NodeId(1), term: Term(2), rival: None }
            } else {
                Situation::Leaderless { reach: 4, quorum: 3 }
            },
        }
    }

    pub fn flights(&self) -> Vec<Flight> {
        let n = self.servers;
        let base = self.now.as_micros() / 12_000 * 12_000;
        let t0 = Instant::from_micros(base);
        let mut all = vec![];
        let mut put = |from: u16, to: u16, shape, late: u64, fate, agrees, twin| {
            let sent = t0 + Duration::from_micros(late);
            let arrives = sent + Duration::from_micros(5_000);
            if sent <= self.now && arrives > self.now {
                all.push(Flight {
                    id: base * 16 + u64::from(from) * 8 + u64::from(to) + late,
                    from: NodeId(from),
                    to: NodeId(to),
                    shape,
                    entries: 2,
                    term: Some(Term(2)),
                    agrees,
                    sent,
                    arrives,
                    fate,
                    twin,
                    delayed: to == 3,
                    words: "append 2 entries after 4@2, term 2".into(),
                });
            }
        };
        for i in [0, 2, 3, 4].into_iter().filter(|i| *i < n) {
            let fate = if i == 4 { Fate::Lost } else { Fate::Arrives };
            put(1, i, Shape::Append, 0, fate, None, i == 2);
            put(i, 1, Shape::AppendReply, 5_000 + 300, Fate::Arrives, Some(i != 3), false);
        }
        put(0, 2, Shape::Vote, 1_000, Fate::Arrives, None, false);
        put(2, 0, Shape::VoteReply, 2_000, Fate::Arrives, Some(true), false);
        put(0, 3, Shape::Snapshot, 1_500, Fate::Arrives, None, false);
        put(3, 0, Shape::PreVote, 1_500, Fate::Held, None, false);
        put(n, 1, Shape::Request, 3_000, Fate::Arrives, None, false);
        put(n + 1, 0, Shape::Request, 2_000, Fate::Arrives, None, false);
        put(1, n, Shape::Response, 6_000, Fate::Arrives, Some(true), false);
        all
    }

    pub fn dock(&self, _from: Instant, _to: Instant) -> Dock {
        let mark = |ms: f64, kind| Mark { at: at(ms), step: 4, kind, node: Some(NodeId(1)) };
        let n = self.servers;
        let op = |client: u16, words: &str, from: f64, to: Option<(f64, &str)>| Operation {
            client: NodeId(n + client),
            words: words.into(),
            called: at(from),
            returned: to.map(|(t, a)| (at(t), a.into())),
            attempts: vec![(at(from), NodeId(1))],
            answered_by: to.map(|_| NodeId(1)),
        };
        Dock {
            marks: vec![
                mark(20.0, MarkKind::Election(Term(1))),
                mark(32.0, MarkKind::Leader(Term(1))),
                mark(80.0, MarkKind::Crash),
                mark(101.0, MarkKind::Restart),
                mark(110.0, MarkKind::Cut),
                mark(130.0, MarkKind::Heal),
            ],
            faults: vec![
                Fault { from: at(80.0), until: Some(at(101.0)), words: "S2 down".into() },
                Fault { from: at(95.0), until: Some(at(130.0)), words: "S1, S3 cut off".into() },
            ],
            operations: vec![
                op(0, "put x 1", 40.0, Some((62.0, "ok"))),
                op(1, "get x", 50.0, Some((75.0, "1"))),
                op(0, "append y b", 70.0, Some((140.0, "ok"))),
                op(1, "cas x 1 2", 90.0, Some((150.0, "version 3"))),
                op(0, "append x b", 160.0, None),
            ],
        }
    }

    pub fn invariants(&self) -> Vec<Invariant> {
        let names = [
            "election safety",
            "leader append-only",
            "log matching",
            "leader completeness",
            "state machine safety",
            "commit stability",
            "durable votes",
        ];
        names
            .into_iter()
            .map(|name| Invariant {
                id: "RI-1",
                name,
                meaning: "At most one leader is elected in a term (§5.2).",
                checks: 4711,
                broken: None,
            })
            .collect()
    }
}
