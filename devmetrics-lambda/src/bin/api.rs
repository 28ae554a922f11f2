//! The function of the API.

use std::convert::Infallible;
use std::sync::Arc;

use devmetrics_lambda::api::Api;
use devmetrics_lambda::{Aws, Container, Settings, logging};
use devmetrics_server::Options;
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::start();
    let read_env = |name: &str| std::env::var(name).ok();
    let settings = Settings::load(&read_env)?;
    let options = Options {
        cors: settings.cors.clone(),
        zone: settings.config.zone,
        policy: settings.config.policy,
        ..Options::default()
    };
    let base_path = settings.base_path.clone();
    let aws = Aws::of_function(&read_env);
    let container = Container::answering(settings, Arc::new(aws.secrets()), Some(aws));
    let api = Api::new(Arc::new(container), options, base_path);
    let api = &api;
    lambda_http::run(service_fn(move |request: Request| async move {
        Ok::<_, Infallible>(api.answer(request).await)
    }))
    .await
}
