//! Small histories, drawn: clients call, their calls take effect at some moment or never, and
//! return; in every other history some replies are those of other calls.

use shardscope_core::kv::{Command, Kv};
use shardscope_core::linear::{Operation, OperationOf};
use shardscope_core::machine::Machine;
use shardscope_core::rng::{Ppm, Rng};
use shardscope_tests::histories::{Access, Cell, Edit, Register};

/// A machine whose commands can be drawn.
pub(super) trait Drawable: Machine {
    /// Some command, of few enough that they contradict each other.
    fn draw(lane: &mut Rng) -> Self::Command;
}

impl Drawable for Kv {
    fn draw(lane: &mut Rng) -> Command {
        let key = ["x", "x", "y"][lane.below(3) as usize];
        let (a, b) = (lane.below(2), lane.below(2));
        let line = match lane.below(10) {
            0..=3 => format!("get {key}"),
            4 => format!("put {key} {a}"),
            5..=6 => format!("append {key} {a}"),
            7 => format!("delete {key}"),
            8 => format!("cas {key} {a} {b}"),
            _ => format!("put-at {key} {a} {b}"),
        };
        line.parse().expect("a command")
    }
}

impl Drawable for Register {
    fn draw(lane: &mut Rng) -> Access {
        let mut value = || Some(lane.below(3) as i64).filter(|value| *value > 0);
        let (a, b) = (value(), value());
        match lane.below(4) {
            0..=1 => Access::Read,
            2 => Access::Write(a),
            _ => Access::Cas(a, b),
        }
    }
}

impl Drawable for Cell {
    fn draw(lane: &mut Rng) -> Edit {
        let value = ["a", "b"][lane.below(2) as usize].to_owned();
        match lane.below(6) {
            0..=2 => Edit::Get,
            3..=4 => Edit::Append(value),
            _ => Edit::Put(value),
        }
    }
}

/// A history, and whose each operation is.
pub(super) struct Drawn<M: Machine> {
    pub(super) operations: Vec<OperationOf<M>>,
    pub(super) clients: Vec<u16>,
}

/// What a client is at.
struct Client<R> {
    name: u16,
    /// The operation that is open, and its reply once it took effect.
    open: Option<(usize, Option<R>)>,
    /// When the last one returned.
    free: u64,
}

/// The history of a seed.
pub(super) fn draw<M: Drawable>(initial: &M, seed: u64) -> Drawn<M> {
    let mut lane = Rng::keyed(&[seed, 0x6c69_6e32]);
    let mut machine = initial.clone();
    let length = 4 + lane.below(5) as usize;
    let wrong = lane.below(2) == 0;
    let mut names = 2 + lane.below(3) as u16;
    let client = |name| Client::<M::Reply> { name, open: None, free: 0 };
    let mut clients: Vec<Client<M::Reply>> = (0..names).map(client).collect();
    let mut drawn = Drawn { operations: Vec::new(), clients: Vec::new() };
    let (mut replies, mut at) = (Vec::new(), 1);
    let is_open = |clients: &[Client<_>]| clients.iter().any(|client| client.open.is_some());
    while drawn.operations.len() < length || is_open(&clients) {
        // Now and then two things happen at one moment: then they overlap.
        at += lane.below(3).min(1);
        let index = lane.below(clients.len() as u64) as usize;
        let client = &mut clients[index];
        match (&mut client.open, lane.below(3)) {
            (None, _) if drawn.operations.len() < length && client.free < at => {
                let command = M::draw(&mut lane);
                client.open = Some((drawn.operations.len(), None));
                drawn.operations.push(Operation { command, called: at, returned: None });
                drawn.clients.push(client.name);
            }
            (Some((index, effect @ None)), 0) => {
                let reply = machine.apply(&drawn.operations[*index].command);
                replies.push(reply.clone());
                *effect = Some(reply);
            }
            (Some((index, Some(reply))), 1) => {
                let other = &replies[lane.below(replies.len() as u64) as usize];
                let swapped = wrong && lane.chance(Ppm::percent(30));
                let reply = if swapped { other.clone() } else { reply.clone() };
                drawn.operations[*index].returned = Some((at, reply));
                (client.open, client.free) = (None, at);
            }
            (Some(_), 2) if lane.below(6) == 0 => {
                // Whoever never hears again never calls again: somebody else does.
                (client.name, client.open) = (names, None);
                names += 1;
            }
            _ => {}
        }
    }
    drawn
}
