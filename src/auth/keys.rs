//! The service's own signing keys: one signs, the older ones still verify.
//!
//! They sign access tokens of the local issuer, attestations given to
//! reporters, feeds and journal checkpoints. All are Ed25519 (RFC 8037) and
//! named by their thumbprint (RFC 7638). An attestation must verify years
//! later, so a rotation only adds a key; retiring one is removing its file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use parking_lot::RwLock;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::jws::{self, Alg, Jws, PublicKey};
use super::{jwks, key_files, key_text};

/// Why the signing keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system said no.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// The attempted step.
        doing: &'static str,
        /// What it was attempted on.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// A key file that others can read.
    #[error("{path} can be read by others; run: chmod 600 {path}", path = .0.display())]
    Exposed(PathBuf),
    /// Text in which no Ed25519 private key was found.
    #[error("{0}: not an Ed25519 private key in PKCS#8 PEM or JWK form")]
    NotAKey(String),
    /// Keys from configuration are rotated there.
    #[error("the signing keys come from the configuration; add the new one in front there")]
    NotInFiles,
    /// The cryptographic library failed or the content cannot be serialised.
    #[error("cannot {0}")]
    Failed(&'static str),
}

impl KeyError {
    pub(super) fn io(doing: &'static str, path: &Path, source: std::io::Error) -> KeyError {
        KeyError::Io {
            doing,
            path: path.to_owned(),
            source,
        }
    }
}

/// One private key with its published half.
struct SigningKey {
    kid: String,
    x: String,
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    fn new(pair: Ed25519KeyPair) -> SigningKey {
        let public = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public);
        let public = PublicKey {
            alg: Alg::EdDsa,
            key: DecodingKey::from_ed_der(public),
        };
        SigningKey {
            kid: jwks::ed25519_thumbprint(&x),
            x,
            pair,
            public,
        }
    }

    fn generate() -> Result<SigningKey, KeyError> {
        match Ed25519KeyPair::generate() {
            Ok(pair) => Ok(SigningKey::new(pair)),
            Err(_unspecified) => Err(KeyError::Failed("generate a signing key")),
        }
    }
}

/// The ring of signing keys, newest first.
pub struct LocalKeys {
    ring: RwLock<Arc<Vec<SigningKey>>>,
    dir: Option<PathBuf>,
}

impl LocalKeys {
    /// Reads the key files of a directory and makes the first one where there is none.
    pub fn load_or_create(dir: &Path) -> Result<LocalKeys, KeyError> {
        let _lock = key_files::lock(dir)?;
        if key_files::list(dir)?.is_empty() {
            key_files::add(dir, &key_text::write_pem(&SigningKey::generate()?.pair)?)?;
        }
        Ok(LocalKeys {
            ring: RwLock::new(Arc::new(read_dir(dir)?)),
            dir: Some(dir.to_owned()),
        })
    }

    /// Reads keys from configuration: PKCS#8 PEM blocks, one private JWK or a set; the first signs.
    pub fn from_text(text: &str) -> Result<LocalKeys, KeyError> {
        let keys = key_text::read(text, "the signing keys")?
            .into_iter()
            .map(SigningKey::new)
            .collect();
        Ok(LocalKeys {
            ring: RwLock::new(Arc::new(keys)),
            dir: None,
        })
    }

    /// A ring of one new key that lives in memory only.
    pub fn generate() -> Result<LocalKeys, KeyError> {
        Ok(LocalKeys {
            ring: RwLock::new(Arc::new(vec![SigningKey::generate()?])),
            dir: None,
        })
    }

    /// Adds a new key file, signs with it from now on and gives back its name.
    pub fn rotate(&self) -> Result<String, KeyError> {
        let dir = self.dir.as_deref().ok_or(KeyError::NotInFiles)?;
        let _lock = key_files::lock(dir)?;
        key_files::add(dir, &key_text::write_pem(&SigningKey::generate()?.pair)?)?;
        *self.ring.write() = Arc::new(read_dir(dir)?);
        self.signing_kid()
    }

    /// Reads the key files again, so that a rotation by another process is seen.
    ///
    /// A failure keeps the ring as it was.
    pub fn reload(&self) -> Result<(), KeyError> {
        if let Some(dir) = self.dir.as_deref() {
            *self.ring.write() = Arc::new(read_dir(dir)?);
        }
        Ok(())
    }

    /// The name of the key that signs now.
    pub fn signing_kid(&self) -> Result<String, KeyError> {
        let ring = self.ring();
        let key = ring.first().ok_or(KeyError::Failed("find a signing key"))?;
        Ok(key.kid.clone())
    }

    /// The public halves as a JWK set.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .ring()
            .iter()
            .map(|key| {
                json!({"kty": "OKP", "crv": "Ed25519", "x": key.x, "kid": key.kid, "use": "sig", "alg": "EdDSA"})
            })
            .collect();
        json!({ "keys": keys })
    }

    /// Signs the claims as a compact JWS whose header says `typ`.
    pub fn sign_jws(&self, claims: &impl Serialize, typ: &str) -> Result<String, KeyError> {
        match serde_json::to_vec(claims) {
            Ok(payload) => self
                .sign(&payload, typ)
                .map(|(input, signature)| format!("{input}.{signature}")),
            Err(_unserialisable) => Err(KeyError::Failed("serialise what is to be signed")),
        }
    }

    /// Signs a document that travels apart from its signature: `header..signature` (RFC 7515 appendix F).
    pub fn sign_detached(&self, document: &[u8], typ: &str) -> Result<String, KeyError> {
        let (input, signature) = self.sign(document, typ)?;
        let header = input.split('.').next().unwrap_or_default();
        Ok(format!("{header}..{signature}"))
    }

    /// The claims of a JWS that one of these keys signed under that `typ`; `None` for anything else.
    ///
    /// The type keeps one kind from passing for another: an attestation is no
    /// access token (RFC 8725 §3.11).
    pub fn verify_jws(&self, jws: &str, typ: &str) -> Option<Map<String, Value>> {
        let jws = Jws::read(jws)?;
        if !jws.typ.eq_ignore_ascii_case(typ) || !jws.is_signed_by(&self.find(&jws.kid)?) {
            return None;
        }
        jws.payload()
    }

    pub(super) fn find(&self, kid: &str) -> Option<PublicKey> {
        self.ring()
            .iter()
            .find(|key| key.kid == kid)
            .map(|key| key.public.clone())
    }

    fn sign(&self, payload: &[u8], typ: &str) -> Result<(String, String), KeyError> {
        let ring = self.ring();
        let key = ring.first().ok_or(KeyError::Failed("find a signing key"))?;
        let input = jws::signing_input(&key.kid, typ, payload);
        let signature = URL_SAFE_NO_PAD.encode(key.pair.sign(input.as_bytes()));
        Ok((input, signature))
    }

    fn ring(&self) -> Arc<Vec<SigningKey>> {
        Arc::clone(&self.ring.read())
    }
}

impl fmt::Debug for LocalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<String> = self.ring().iter().map(|key| key.kid.clone()).collect();
        f.debug_struct("LocalKeys")
            .field("kids", &kids)
            .field("dir", &self.dir)
            .finish()
    }
}

fn read_dir(dir: &Path) -> Result<Vec<SigningKey>, KeyError> {
    let mut ring = Vec::new();
    for path in key_files::list(dir)? {
        let pairs = key_text::read(&key_files::read(&path)?, &path.display().to_string())?;
        ring.extend(pairs.into_iter().map(SigningKey::new));
    }
    if ring.is_empty() {
        Err(KeyError::NotAKey(dir.display().to_string()))
    } else {
        Ok(ring)
    }
}
