# Read by Heroku before any process of a dyno. An app that was told nothing of its own address (a review app) has the one
# that Heroku gave it: by its whole name where the app has dyno metadata, else the short one of predictable URLs.
if [ -n "${DYNO:-}" ] && [ -z "${PUBLIC_URL:-}" ] && [ -n "${HEROKU_APP_DEFAULT_DOMAIN_NAME:-${HEROKU_APP_NAME:-}}" ]; then
  export PUBLIC_URL="https://${HEROKU_APP_DEFAULT_DOMAIN_NAME:-$HEROKU_APP_NAME.herokuapp.com}"
fi
