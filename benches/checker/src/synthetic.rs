//! Drawn histories of any length: clients in a closed loop, each of whose calls takes effect at one
//! moment between its call and its return.

use shardscope_core::history::{Event, History, What};
use shardscope_core::id::{NodeId, Serial};
use shardscope_core::kv::{Command, Kv, Reply};
use shardscope_core::machine::Machine;
use shardscope_core::rng::{Ppm, Rng};
use shardscope_core::time::Instant;

/// Who makes a history.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// How many operations are called.
    pub operations: u64,
    /// How many clients there are.
    pub clients: u16,
    /// How many keys.
    pub keys: u64,
    /// How many operations in a thousand have an outcome that nobody knows. Half of them took
    /// effect.
    pub lost: u32,
}

struct Client {
    serial: u64,
    open: Option<(Command, Option<Reply>)>,
}

/// The events of a crowd's history.
pub fn events(crowd: Crowd, seed: u64) -> Vec<Event> {
    let mut lane = Rng::keyed(&[seed, 0x6265_6e63]);
    let (mut kv, mut events) = (Kv::default(), Vec::new());
    let client = |_| Client { serial: 0, open: None };
    let mut clients: Vec<Client> = (0..crowd.clients).map(client).collect();
    let (mut called, mut over) = (0, 0);
    while over < crowd.operations {
        let number = lane.below(clients.len() as u64) as u16;
        let client = &mut clients[usize::from(number)];
        let mut tell = |serial, what| {
            let step = events.len() as u64;
            let (client, serial) = (NodeId(number), Serial(serial));
            events.push(Event { step, at: Instant::ZERO, client, serial, what });
        };
        match &mut client.open {
            None if called == crowd.operations => {}
            None => {
                called += 1;
                client.serial += 1;
                let command = draw(&mut lane, crowd.keys, called);
                tell(client.serial, What::Call(command.clone()));
                client.open = Some((command, None));
            }
            Some((command, effect @ None)) => {
                let lost = lane.chance(Ppm(crowd.lost * 1_000));
                if !lost || lane.below(2) == 0 {
                    *effect = Some(kv.apply(command));
                }
                if lost {
                    tell(client.serial, What::Return { by: NodeId(0), reply: None });
                    client.open = None;
                    over += 1;
                }
            }
            Some((_, reply)) => {
                let reply = reply.take();
                tell(client.serial, What::Return { by: NodeId(0), reply });
                client.open = None;
                over += 1;
            }
        }
    }
    events
}

/// Half of all commands read; the others write what nobody else writes.
fn draw(lane: &mut Rng, keys: u64, number: u64) -> Command {
    let key = format!("k{}", lane.below(keys)).into();
    let value = format!("{number}").into();
    match lane.below(10) {
        0..5 => Command::Get { key },
        5..9 => Command::Put { key, value },
        _ => Command::Append { key, value },
    }
}

/// Events as a history.
pub fn history(events: &[Event]) -> History {
    let mut history = History::default();
    events.iter().for_each(|event| history.push(event.clone()));
    history
}
