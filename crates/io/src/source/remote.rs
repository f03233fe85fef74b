//! Files that are not on this machine: `s3://`, `gs://`, `az://`, `http://` and `https://`.
//!
//! In: an address. Out: its bytes as a stream; for an address that ends in a slash, the files below it. They are read once, and what is read is kept
//! as that of a pipe is. Credentials come from the usual variables of each store (`AWS_ACCESS_KEY_ID`, `GOOGLE_SERVICE_ACCOUNT` ...).

use std::path::Path;

/// What addresses begin with.
const SCHEMES: &[&str] = &["s3://", "s3a://", "gs://", "az://", "abfs://", "abfss://", "http://", "https://"];

/// True for an address, in a build that reads them or not.
pub(super) fn is_remote(path: &Path) -> bool {
    path.to_str().is_some_and(|path| SCHEMES.iter().any(|scheme| path.starts_with(scheme)))
}

#[cfg(feature = "remote")]
pub(super) use stores::{files_below, open};

#[cfg(feature = "remote")]
mod stores {
    use bytes::Bytes;
    use futures_util::stream::{BoxStream, StreamExt};
    use object_store::path::Path as Key;
    use object_store::{ObjectStore, ObjectStoreExt, parse_url_opts};
    use refrain_engine::error::{Error, Result};
    use std::io::{self, Read};
    use std::path::{Path, PathBuf};
    use tokio::runtime::{Builder, Runtime};
    use url::Url;

    struct Place {
        store: Box<dyn ObjectStore>,
        key: Key,
        url: Url,
        runtime: Runtime,
    }

    fn place(address: &Path) -> Result<Place> {
        let failed = |cause: io::Error| Error::Io { path: address.into(), cause };
        let url = Url::parse(&address.to_string_lossy()).map_err(|error| failed(io::Error::other(error)))?;
        // Variables name settings of the stores; one of a plain server may be without a certificate.
        let plain = (url.scheme() == "http").then(|| ("allow_http".to_owned(), "true".to_owned()));
        let settings =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?.to_lowercase(), value.into_string().ok()?)));
        let (store, key) = parse_url_opts(&url, settings.chain(plain)).map_err(|error| failed(error.into()))?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        Ok(Place { store, key, url, runtime })
    }

    /// The bytes at an address.
    ///
    /// # Errors
    /// It is not there, or may not be read.
    pub(in crate::source) fn open(address: &Path) -> Result<impl Read> {
        let Place { store, key, runtime, .. } = place(address)?;
        let failed = |cause: object_store::Error| Error::Io { path: address.into(), cause: cause.into() };
        let found = runtime.block_on(store.get(&key)).map_err(failed)?;
        Ok(Remote { parts: found.into_stream(), part: Bytes::new(), runtime, _store: store })
    }

    struct Remote {
        parts: BoxStream<'static, object_store::Result<Bytes>>,
        part: Bytes,
        runtime: Runtime,
        _store: Box<dyn ObjectStore>,
    }

    impl Read for Remote {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            while self.part.is_empty() {
                match self.runtime.block_on(self.parts.next()) {
                    Some(part) => self.part = part?,
                    None => return Ok(0),
                }
            }
            let taken = self.part.split_to(into.len().min(self.part.len()));
            into[..taken.len()].copy_from_slice(&taken);
            Ok(taken.len())
        }
    }

    /// The addresses below one that ends in a slash, in order.
    ///
    /// # Errors
    /// The store cannot list: web servers cannot.
    pub(in crate::source) fn files_below(address: &Path) -> Result<Vec<PathBuf>> {
        let Place { store, key, url, runtime } = place(address)?;
        let failed = |cause: object_store::Error| Error::Io { path: address.into(), cause: cause.into() };
        let listed = runtime.block_on(store.list(Some(&key)).collect::<Vec<_>>());
        let mut found = Vec::new();
        for object in listed {
            let location = object.map_err(failed)?.location;
            let below = location.as_ref().strip_prefix(key.as_ref()).unwrap_or(location.as_ref());
            found.push(PathBuf::from(format!("{}/{}", url.as_str().trim_end_matches('/'), below.trim_start_matches('/'))));
        }
        found.sort_unstable();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_from_files() {
        for address in ["s3://bucket/a.jsonl", "gs://b/c", "https://example.org/a.parquet"] {
            assert!(is_remote(Path::new(address)), "{address}");
        }
        for path in ["a.jsonl", "s3/bucket", "http:/x", "C:\\https", "-"] {
            assert!(!is_remote(Path::new(path)), "{path}");
        }
    }

    #[cfg(feature = "remote")]
    #[test]
    fn a_file_of_a_server_is_read_like_one_on_disk() {
        use crate::{FileCorpus, SourceOptions};
        use refrain_engine::corpus::Corpus;
        use refrain_engine::{Detector, Silent};
        use std::io::{Read, Write};
        let body: String =
            (0..3).map(|n| format!("{{\"id\":\"{n}\",\"text\":\"one and the same text of some words for all of them\"}}\n")).collect();
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/articles.jsonl", server.local_addr().unwrap());
        let serve = std::thread::spawn(move || {
            // One request is made; a second is told that there is no such file.
            for (status, body) in [("200 OK", body), ("404 Not Found", String::new())] {
                let (mut stream, _) = server.accept().unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).unwrap();
                let date = "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT";
                write!(
                    stream,
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{date}\r\nETag: \"1\"\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                )
                .unwrap();
            }
        });
        let open = || FileCorpus::open(&[address.clone().into()], &SourceOptions::default()).unwrap();
        let corpus = open();
        let findings = Detector::new(refrain_engine::DetectConfig::default()).unwrap().detect_in(&corpus, &Silent).unwrap();
        assert_eq!(findings.pairs().count(), 3);
        assert_eq!(corpus.name(0), address);
        let error = Detector::new(refrain_engine::DetectConfig::default()).unwrap().detect_in(&open(), &Silent).unwrap_err().to_string();
        assert!(error.starts_with(&address), "{error}");
        serve.join().unwrap();
    }
}
