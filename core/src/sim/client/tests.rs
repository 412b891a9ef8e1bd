//! A client among servers that answer anything at any time.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::*;
use crate::clerk::{Clerk, Errand, Patience};
use crate::id::ClientId;
use crate::machine::Answer;
use crate::protocol::Refused;
use crate::server::Refusal;
use crate::sim::workload::Mix;
use crate::time::Duration;

const SERVERS: u16 = 3;
const STRIDE: u64 = 1 << 12;

/// A client, and what it may not forget.
struct Stand {
    client: Client,
    out: Outbox,
    lane: Rng,
    now: Instant,
    /// What was sent in a session under a number.
    sent: BTreeMap<(ClientId, Serial), Command>,
    /// Operations that it took on, and that are over.
    begun: u64,
    done: u64,
    /// The longest backlog, and operations that found it full.
    longest: usize,
    refused: u64,
}

impl Stand {
    fn new(seed: u64, who: u32, pace: Pace) -> Self {
        let lane = |kind| Rng::keyed(&[seed, u64::from(who), kind]);
        let millis = Duration::from_millis;
        let patience =
            Patience { attempt: millis(100), rest_min: millis(20), rest_max: millis(200) };
        let servers = (0..SERVERS).map(NodeId).collect();
        let clerk = Clerk::new(servers, ClientId(u64::from(who)), STRIDE, patience, lane(0));
        let mix = Mix { get: 2, put: 1, append: 1, delete: 1, cas: 2, put_at: 1, put_hash: 1 };
        let workload = Workload { pace, mix, ..Workload::default() };
        Self {
            client: Client::new(Caller::Group(clerk), workload, who, true, lane(1)),
            out: Outbox::default(),
            lane: lane(2),
            now: Instant::ZERO,
            sent: BTreeMap::new(),
            begun: 0,
            done: 0,
            longest: 0,
            refused: 0,
        }
    }

    /// Looks at what the client wants done: returns the requests.
    fn look(&mut self) -> Vec<(NodeId, u64)> {
        let mut asked = Vec::new();
        let errands: Vec<_> = self.out.group.drain().collect();
        assert!(
            errands.len() <= 2,
            "at most the end of one operation and one request: {errands:?}"
        );
        for errand in errands {
            match errand {
                Errand::Send { to, request } => {
                    assert!(to.0 < SERVERS);
                    assert_eq!(request.tag, self.done + 1, "operations go in order");
                    let call = request.command;
                    assert_eq!(call.client, self.client.clerk.session());
                    assert_eq!(call.client.0 % STRIDE, u64::from(self.client.who), "its own");
                    let known = self.sent.entry((call.client, call.serial));
                    let command = call.command.clone();
                    assert_eq!(known.or_insert(command), &call.command, "one number, one command");
                    asked.push((to, request.tag));
                }
                Errand::Done { serial, by, reply } => {
                    self.done += 1;
                    assert_eq!(serial, Serial(self.done), "each is over once, in order");
                    let last = self.sent.values().next_back().cloned();
                    let command = last.expect("it was sent");
                    let (since, attempts, server) = (self.now, 1, by);
                    let returned = Some((self.now, by, reply));
                    let call = Call { serial, command, since, attempts, server, returned };
                    self.client.last = Some(call);
                    self.client.learn();
                }
            }
        }
        let waits = self.client.queued();
        assert!(waits <= MAX_BACKLOG, "{waits} operations wait");
        self.longest = self.longest.max(waits);
        // What is not over is open or waits, and what waits was not sent.
        let open = u64::from(self.client.clerk.is_busy());
        self.begun = self.done + open + waits as u64;
        assert!(waits == 0 || open == 1, "what waits while nothing is open waits for ever");
        let alarm = self.client.alarm();
        assert!(alarm.is_none_or(|alarm| alarm.at > self.now), "{alarm:?} at {}", self.now);
        asked
    }

    fn wake(&mut self) -> Vec<(NodeId, u64)> {
        self.client.wake(self.now, &mut self.out);
        self.look()
    }

    fn ask(&mut self) {
        let (before, full) = (self.begun, self.client.queued() == MAX_BACKLOG);
        let line = ["get x", "append x 1", "cas y 1 2"][self.lane.below(3) as usize];
        let operation = Operation::Key(line.parse().expect("a command"));
        let taken = self.client.ask(self.now, operation, &mut self.out);
        self.look();
        assert_eq!((taken, self.begun - before), (!full, u64::from(!full)));
        self.refused += u64::from(!taken);
    }

    /// Anything, half of the time about the open operation.
    fn response(&mut self) -> Response<StoreReply> {
        let open = self.client.clerk.serial().0;
        let lane = &mut self.lane;
        let absurd = [0, 1, u64::MAX, 1 << 62, open.wrapping_sub(1), open + 1, open + 7];
        let number = |lane: &mut Rng| absurd[lane.below(absurd.len() as u64) as usize];
        let tag = if lane.below(2) == 0 { open } else { number(lane) };
        let result = match lane.below(8) {
            0 => Ok(Answer::Done(Reply::Value("v".repeat(lane.below(70_000) as usize).into()))),
            1 => Ok(Answer::Done(Reply::Written { version: number(lane) })),
            2 => Ok(Answer::Done(Reply::Differs { found: "\u{0}\"".into() })),
            3 => Ok(Answer::Stale),
            // A few times: session ids must last for the rest.
            4 if lane.below(20) == 0 => Ok(Answer::Expired { floor: ClientId(number(lane)) }),
            4 | 5 => Err(Refusal::Dropped),
            6 => Err(Refusal::Refused(Refused::Busy)),
            _ => {
                let hint = NodeId(number(lane) as u16);
                Err(Refusal::Refused(Refused::NotLeader { hint: Some(hint) }))
            }
        };
        Response { tag, result: result.map(StoreReply::Store) }
    }

    /// One response from anybody: one that is not about the open operation changes nothing.
    fn receive(&mut self) {
        let response = self.response();
        let from = NodeId(self.lane.below(5) as u16);
        let busy = self.client.clerk.is_busy();
        let answers = busy && response.tag == self.client.clerk.serial().0;
        let before = (!answers).then(|| self.client.clone());
        self.client.receive(self.now, from, response, &mut self.out);
        if let Some(before) = before {
            assert_eq!(self.client, before, "not about what is open");
            assert_eq!(self.out, Outbox::default());
        }
        self.look();
    }
}

#[test]
fn a_client_takes_any_response_and_keeps_its_operations_apart() {
    let micros = Duration::from_micros;
    let paces = [
        Pace::Open { every: micros(1_000) },
        Pace::Closed { think: micros(2_000) },
        Pace::Silent,
        Pace::Open { every: micros(40_000) },
    ];
    let (mut full, mut over) = (0, 0);
    for seed in 0..40 {
        let mut stand = Stand::new(seed, 1 + (seed % 3) as u32, paces[(seed % 4) as usize]);
        // Few responses, and the backlog runs full; many, and it runs empty.
        let talk = 1 + seed % 5;
        for _ in 0..6_000 {
            stand.now += micros(stand.lane.below(1_500));
            stand.wake();
            match stand.lane.below(12) {
                drawn if drawn < talk => stand.receive(),
                11 => stand.ask(),
                _ => {}
            }
        }
        full += u64::from(stand.refused > 0);
        over += stand.done;
        honest(&mut stand);
    }
    assert!(full >= 3 && over >= 2_000, "{full} backlogs ran full, {over} operations were over");
}

/// Servers that answer whatever is asked: all that was begun comes to its end.
fn honest(stand: &mut Stand) {
    let silent = Workload { pace: Pace::Silent, ..*stand.client.workload() };
    stand.client.set_workload(stand.now, silent);
    let (begun, mut asked) = (stand.begun, Vec::new());
    for _ in 0..3 * MAX_BACKLOG {
        while let Some((to, tag)) = asked.pop() {
            let result = Ok(Answer::Done(Reply::Written { version: 1 }).into());
            stand.client.receive(stand.now, to, Response { tag, result }, &mut stand.out);
            asked.extend(stand.look());
        }
        let Some(alarm) = stand.client.alarm() else { break };
        stand.now = alarm.at;
        asked.extend(stand.wake());
    }
    assert_eq!((stand.done, stand.client.queued()), (begun, 0), "nothing was lost");
    assert_eq!(stand.client.alarm(), None, "and nothing was made up");
}
