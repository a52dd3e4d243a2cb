"""The built React application, where there is one: served beside the API, from the same origin."""
