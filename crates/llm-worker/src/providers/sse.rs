//! Server-sent events out of bytes as they come. Also tells what is no stream of events: a JSON answer of a
//! server that does not stream, and an HTML page of something in between.

use super::Problem;

/// One event. Its name is empty where the server gave none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) data: String,
}

/// What a body turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Event(Event),
    /// The whole body, which is JSON. It comes at the end.
    Json(Vec<u8>),
}

/// A line or an event of more is not read: no provider sends one.
const MOST_OF_AN_EVENT: usize = 4 * 1024 * 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Empty lines and comments so far, which keep a connection open before either kind of answer.
    Unknown,
    Events,
    Json,
}

/// Bytes in, events out.
pub(super) struct Decoder {
    buffer: Vec<u8>,
    /// Up to here the buffer is read.
    read: usize,
    /// Up to here it holds no line break behind `read`.
    looked: usize,
    /// The last line ended in a carriage return, whose line feed may be still to come.
    after_return: bool,
    kind: Kind,
    event: Event,
    has_data: bool,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            read: 0,
            looked: 0,
            after_return: false,
            kind: Kind::Unknown,
            event: Event::default(),
            has_data: false,
        }
    }
}

impl Decoder {
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.buffer.drain(..self.read);
        self.looked -= self.read;
        self.read = 0;
        if self.buffer.len() + bytes.len() > MOST_OF_AN_EVENT {
            return Err(Problem::Malformed("it is larger than any answer"));
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// The next event of what was pushed, if it is whole.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Problem> {
        if self.kind == Kind::Unknown {
            self.recognise()?;
        }
        if self.kind != Kind::Events {
            return Ok(None);
        }
        while let Some((start, end)) = self.line() {
            if let Some(event) = self.take(start, end)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// What is left when the body has ended: an event without its empty line, or a whole JSON answer.
    pub(super) fn finish(&mut self) -> Result<Option<Found>, Problem> {
        match self.kind {
            Kind::Json => Ok(Some(Found::Json(self.buffer.split_off(self.read)))),
            Kind::Unknown => Ok(None),
            Kind::Events => {
                let (start, end) = (self.read, self.buffer.len());
                self.read = end;
                if start < end
                    && let Some(event) = self.take(start, end)?
                {
                    return Ok(Some(Found::Event(event)));
                }
                Ok(std::mem::take(&mut self.has_data).then(|| Found::Event(std::mem::take(&mut self.event))))
            }
        }
    }

    /// Passes over what only keeps the connection open, and looks at the first byte behind it.
    fn recognise(&mut self) -> Result<(), Problem> {
        loop {
            let rest = &self.buffer[self.read..];
            let rest_of = |skip: usize| self.read + skip;
            let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let marked = rest[blank..].starts_with("\u{feff}".as_bytes());
            self.read = rest_of(blank + if marked { 3 } else { 0 });
            self.looked = self.read;
            if marked {
                continue;
            }
            match self.buffer.get(self.read) {
                None => return Ok(()),
                Some(b'{' | b'[') => self.kind = Kind::Json,
                Some(b'<') => return Err(Problem::Malformed("it is a web page")),
                Some(b':') => match self.line() {
                    Some(_) => continue,
                    None => return Ok(()),
                },
                // The first bytes of a mark that is still to come.
                Some(0xef) if self.buffer.len() - self.read < 3 => return Ok(()),
                Some(_) => self.kind = Kind::Events,
            }
            return Ok(());
        }
    }

    /// Where the next whole line is, without its break.
    fn line(&mut self) -> Option<(usize, usize)> {
        if self.after_return && self.buffer.get(self.read) == Some(&b'\n') {
            self.read += 1;
            self.after_return = false;
        }
        self.looked = self.looked.max(self.read);
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
        match self.buffer[self.looked..].iter().position(ends) {
            Some(at) => {
                let (start, end) = (self.read, self.looked + at);
                self.after_return = self.buffer[end] == b'\r';
                self.read = end + 1;
                self.looked = self.read;
                Some((start, end))
            }
            None => {
                self.looked = self.buffer.len();
                None
            }
        }
    }

    /// Reads a line; an empty one ends an event.
    fn take(&mut self, start: usize, end: usize) -> Result<Option<Event>, Problem> {
        if start == end {
            let event = std::mem::take(&mut self.event);
            return Ok(std::mem::take(&mut self.has_data).then_some(event));
        }
        let Ok(line) = std::str::from_utf8(&self.buffer[start..end]) else {
            return Err(Problem::Malformed("it is not UTF-8"));
        };
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if self.event.data.len() + value.len() > MOST_OF_AN_EVENT {
                    return Err(Problem::Malformed("it is larger than any answer"));
                }
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            // Comments (an empty field), `id`, `retry` and whatever comes to be.
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(parts: &[&[u8]]) -> Result<Vec<Found>, Problem> {
        let mut decoder = Decoder::default();
        let mut found = Vec::new();
        for part in parts {
            decoder.push(part)?;
            while let Some(event) = decoder.next()? {
                found.push(Found::Event(event));
            }
        }
        found.extend(decoder.finish()?);
        Ok(found)
    }

    fn event(name: &str, data: &str) -> Found {
        Found::Event(Event { name: name.to_owned(), data: data.to_owned() })
    }

    #[test]
    fn events_are_read_whatever_keeps_the_connection_open() {
        let body = b"\n\n: keep-alive\n\n\r\ndata: one\n\n: keep-alive\n\nevent: ping\ndata:two\ndata: three\nid: 7\n\ndata: [DONE]";
        assert_eq!(
            decoded(&[body]).unwrap(),
            [event("", "one"), event("ping", "two\nthree"), event("", "[DONE]")]
        );
    }

    #[test]
    fn what_is_no_stream_is_told_apart() {
        let json = Found::Json(b"{\"a\":1}\n".to_vec());
        assert_eq!(decoded(&[b"\n: keep-alive\n\n", b"{\"a\"", b":1}\n"]).unwrap(), [json]);
        assert_eq!(decoded(&["\u{feff}data: x\n\n".as_bytes()]).unwrap(), [event("", "x")]);
        assert!(matches!(decoded(&[b"\n<!doctype html>"]), Err(Problem::Malformed("it is a web page"))));
        assert!(matches!(decoded(&[b"data: \xff\n\n"]), Err(Problem::Malformed("it is not UTF-8"))));
        assert_eq!(decoded(&[b""]).unwrap(), []);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let part = vec![b'x'; 1024 * 1024];
        let mut parts: Vec<&[u8]> = vec![b"data: "];
        parts.extend([&part[..]; 5]);
        assert!(matches!(decoded(&parts), Err(Problem::Malformed(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_the_same_however_they_are_cut(
            body in proptest::collection::vec(
                prop_oneof![Just(b'\n'), Just(b'\r'), Just(b':'), Just(b'd'), Just(b' '), any::<u8>()], 0..80),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
            prefix in prop_oneof![Just(""), Just("data: a\n"), Just("event: e\r\ndata: b\r\n\r\n"), Just("{"), Just(": k\r")],
        ) {
            let mut whole = prefix.as_bytes().to_vec();
            whole.extend(body);
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(whole.len() + 1)).collect();
            at.sort_unstable();
            let (mut parts, mut from) = (Vec::new(), 0);
            for to in at.into_iter().chain([whole.len()]) {
                parts.push(&whole[from..to]);
                from = to;
            }
            let told = |result: Result<Vec<Found>, Problem>| result.map_err(|problem| problem.to_string());
            prop_assert_eq!(told(decoded(&parts)), told(decoded(&[&whole])));
        }

        #[test]
        fn what_was_written_is_read(
            events in proptest::collection::vec(("[a-z]{0,5}", "[^\r\n]{1,20}(\n[^\r\n]{1,20}){0,2}"), 1..5),
            newline in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        ) {
            let mut body = String::new();
            for (name, data) in &events {
                if !name.is_empty() {
                    body += &format!("event: {name}{newline}");
                }
                for line in data.split('\n') {
                    body += &format!("data: {line}{newline}");
                }
                body += newline;
            }
            let wanted: Vec<Found> = events.iter().map(|(name, data)| event(name, data)).collect();
            prop_assert_eq!(decoded(&[body.as_bytes()]).unwrap(), wanted);
        }
    }
}
