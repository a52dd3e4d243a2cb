import { createBrowserRouter, RouterProvider } from "react-router";
import { mount } from "./mount";
import Root from "./Root";
import "./styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

mount(root, <RouterProvider router={createBrowserRouter([{ path: "*", element: <Root /> }])} />);
